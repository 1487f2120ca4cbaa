#include "dialect.h"

#include <ctype.h>
#include <string.h>

static const struct {
    const char *word;
    char byte;
} delimiters[STRATA_N_DELIMITERS] = {[STRATA_DELIMITER_AUTO] = {"auto", '\0'},
#define STRATA_DELIMITER_ROW(name, text, value) [STRATA_DELIMITER_##name] = {text, value},
                                     STRATA_DELIMITERS(STRATA_DELIMITER_ROW)
#undef STRATA_DELIMITER_ROW
};

char strata_delimiter_byte(enum strata_delimiter delimiter) { return delimiters[delimiter].byte; }

const char *strata_delimiter_word(enum strata_delimiter delimiter) { return delimiters[delimiter].word; }

static const char *const role_options[STRATA_N_ROLES] = {
#define STRATA_ROLE_ROW(name, option) [STRATA_ROLE_##name] = option,
    STRATA_ROLES(STRATA_ROLE_ROW)
#undef STRATA_ROLE_ROW
};

const char *strata_role_option(enum strata_role role) { return role_options[role]; }

/* Usual header names, normalised: lower case, letters and digits of ASCII and all other bytes. */
static const struct {
    enum strata_role role;
    const char *name;
} usual_names[] = {
    {STRATA_ROLE_CUSTOMER, "customerid"},
    {STRATA_ROLE_CUSTOMER, "customer"},
    {STRATA_ROLE_CUSTOMER, "customerno"},
    {STRATA_ROLE_CUSTOMER, "customernumber"},
    {STRATA_ROLE_CUSTOMER, "customercode"},
    {STRATA_ROLE_CUSTOMER, "custid"},
    {STRATA_ROLE_CUSTOMER, "clientid"},
    {STRATA_ROLE_CUSTOMER, "client"},
    {STRATA_ROLE_CUSTOMER, "userid"},
    {STRATA_ROLE_CUSTOMER, "user"},
    {STRATA_ROLE_CUSTOMER, "memberid"},
    {STRATA_ROLE_CUSTOMER, "member"},
    {STRATA_ROLE_CUSTOMER, "buyerid"},
    {STRATA_ROLE_CUSTOMER, "accountid"},
    {STRATA_ROLE_CUSTOMER, "shopperid"},
    {STRATA_ROLE_CUSTOMER, "客户编号"},
    {STRATA_ROLE_CUSTOMER, "客户id"},
    {STRATA_ROLE_CUSTOMER, "客户号"},
    {STRATA_ROLE_CUSTOMER, "客户代码"},
    {STRATA_ROLE_CUSTOMER, "客户"},
    {STRATA_ROLE_CUSTOMER, "会员编号"},
    {STRATA_ROLE_CUSTOMER, "会员id"},
    {STRATA_ROLE_CUSTOMER, "会员号"},
    {STRATA_ROLE_CUSTOMER, "会员卡号"},
    {STRATA_ROLE_CUSTOMER, "用户编号"},
    {STRATA_ROLE_CUSTOMER, "用户id"},
    {STRATA_ROLE_CUSTOMER, "买家id"},
    {STRATA_ROLE_CUSTOMER, "顾客编号"},
    {STRATA_ROLE_TIME, "date"},
    {STRATA_ROLE_TIME, "time"},
    {STRATA_ROLE_TIME, "datetime"},
    {STRATA_ROLE_TIME, "timestamp"},
    {STRATA_ROLE_TIME, "orderdate"},
    {STRATA_ROLE_TIME, "ordertime"},
    {STRATA_ROLE_TIME, "orderdatetime"},
    {STRATA_ROLE_TIME, "ordertimestamp"},
    {STRATA_ROLE_TIME, "invoicedate"},
    {STRATA_ROLE_TIME, "transactiondate"},
    {STRATA_ROLE_TIME, "transactiontime"},
    {STRATA_ROLE_TIME, "purchasedate"},
    {STRATA_ROLE_TIME, "purchasetime"},
    {STRATA_ROLE_TIME, "saledate"},
    {STRATA_ROLE_TIME, "createdat"},
    {STRATA_ROLE_TIME, "paidat"},
    {STRATA_ROLE_TIME, "下单时间"},
    {STRATA_ROLE_TIME, "下单日期"},
    {STRATA_ROLE_TIME, "订单时间"},
    {STRATA_ROLE_TIME, "订单日期"},
    {STRATA_ROLE_TIME, "交易时间"},
    {STRATA_ROLE_TIME, "交易日期"},
    {STRATA_ROLE_TIME, "购买时间"},
    {STRATA_ROLE_TIME, "购买日期"},
    {STRATA_ROLE_TIME, "消费时间"},
    {STRATA_ROLE_TIME, "消费日期"},
    {STRATA_ROLE_TIME, "支付时间"},
    {STRATA_ROLE_TIME, "付款时间"},
    {STRATA_ROLE_TIME, "日期"},
    {STRATA_ROLE_TIME, "时间"},
    {STRATA_ROLE_AMOUNT, "amount"},
    {STRATA_ROLE_AMOUNT, "revenue"},
    {STRATA_ROLE_AMOUNT, "sales"},
    {STRATA_ROLE_AMOUNT, "total"},
    {STRATA_ROLE_AMOUNT, "totalamount"},
    {STRATA_ROLE_AMOUNT, "totalprice"},
    {STRATA_ROLE_AMOUNT, "orderamount"},
    {STRATA_ROLE_AMOUNT, "ordertotal"},
    {STRATA_ROLE_AMOUNT, "ordervalue"},
    {STRATA_ROLE_AMOUNT, "transactionamount"},
    {STRATA_ROLE_AMOUNT, "paymentamount"},
    {STRATA_ROLE_AMOUNT, "netamount"},
    {STRATA_ROLE_AMOUNT, "dollarvalue"},
    {STRATA_ROLE_AMOUNT, "spend"},
    {STRATA_ROLE_AMOUNT, "金额"},
    {STRATA_ROLE_AMOUNT, "订单金额"},
    {STRATA_ROLE_AMOUNT, "交易金额"},
    {STRATA_ROLE_AMOUNT, "消费金额"},
    {STRATA_ROLE_AMOUNT, "支付金额"},
    {STRATA_ROLE_AMOUNT, "实付金额"},
    {STRATA_ROLE_AMOUNT, "总金额"},
    {STRATA_ROLE_AMOUNT, "销售额"},
    {STRATA_ROLE_ORDER, "orderid"},
    {STRATA_ROLE_ORDER, "orderno"},
    {STRATA_ROLE_ORDER, "ordernumber"},
    {STRATA_ROLE_ORDER, "invoice"},
    {STRATA_ROLE_ORDER, "invoiceid"},
    {STRATA_ROLE_ORDER, "invoiceno"},
    {STRATA_ROLE_ORDER, "invoicenumber"},
    {STRATA_ROLE_ORDER, "transactionid"},
    {STRATA_ROLE_ORDER, "receiptid"},
    {STRATA_ROLE_ORDER, "订单号"},
    {STRATA_ROLE_ORDER, "订单编号"},
    {STRATA_ROLE_ORDER, "订单id"},
    {STRATA_ROLE_ORDER, "交易号"},
    {STRATA_ROLE_ORDER, "发票号"},
    {STRATA_ROLE_QUANTITY, "quantity"},
    {STRATA_ROLE_QUANTITY, "qty"},
    {STRATA_ROLE_QUANTITY, "数量"},
    {STRATA_ROLE_QUANTITY, "购买数量"},
    {STRATA_ROLE_UNIT_PRICE, "unitprice"},
    {STRATA_ROLE_UNIT_PRICE, "priceperunit"},
    {STRATA_ROLE_UNIT_PRICE, "单价"},
    {STRATA_ROLE_CHANNEL, "channel"},
    {STRATA_ROLE_CHANNEL, "saleschannel"},
    {STRATA_ROLE_CHANNEL, "渠道"},
    {STRATA_ROLE_CHANNEL, "销售渠道"},
    {STRATA_ROLE_CATEGORY, "category"},
    {STRATA_ROLE_CATEGORY, "productcategory"},
    {STRATA_ROLE_CATEGORY, "品类"},
    {STRATA_ROLE_CATEGORY, "类别"},
    {STRATA_ROLE_CATEGORY, "商品类别"},
};

bool strata_role_recognises(enum strata_role role, const char *name, unsigned n)
{
    char normal[64];
    size_t length = 0;
    for (unsigned i = 0; i < n; ++i) {
        unsigned char byte = (unsigned char)name[i];
        if (byte < 0x80 && !isalnum(byte))
            continue;
        if (length == sizeof normal - 1)
            return false;
        normal[length++] = (char)(byte < 0x80 ? tolower(byte) : byte);
    }
    normal[length] = '\0';
    for (size_t i = 0; i < sizeof usual_names / sizeof usual_names[0]; ++i)
        if (usual_names[i].role == role && strcmp(usual_names[i].name, normal) == 0)
            return true;
    return false;
}
