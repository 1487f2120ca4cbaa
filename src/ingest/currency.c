#include "currency.h"

#include <stdbool.h>
#include <string.h>

/* By ISO 4217. */
#define CURRENCIES(X)                                                                                                  \
    X(AED)                                                                                                             \
    X(ARS)                                                                                                             \
    X(AUD)                                                                                                             \
    X(BGN)                                                                                                             \
    X(BRL)                                                                                                             \
    X(CAD)                                                                                                             \
    X(CHF)                                                                                                             \
    X(CLP)                                                                                                             \
    X(CNY)                                                                                                             \
    X(COP)                                                                                                             \
    X(CZK)                                                                                                             \
    X(DKK)                                                                                                             \
    X(EUR)                                                                                                             \
    X(GBP)                                                                                                             \
    X(HKD)                                                                                                             \
    X(HUF)                                                                                                             \
    X(IDR)                                                                                                             \
    X(ILS)                                                                                                             \
    X(INR)                                                                                                             \
    X(JPY)                                                                                                             \
    X(KRW)                                                                                                             \
    X(MOP)                                                                                                             \
    X(MXN)                                                                                                             \
    X(MYR)                                                                                                             \
    X(NOK)                                                                                                             \
    X(NZD)                                                                                                             \
    X(PHP)                                                                                                             \
    X(PLN)                                                                                                             \
    X(RON)                                                                                                             \
    X(RUB)                                                                                                             \
    X(SAR)                                                                                                             \
    X(SEK)                                                                                                             \
    X(SGD)                                                                                                             \
    X(THB)                                                                                                             \
    X(TRY)                                                                                                             \
    X(TWD)                                                                                                             \
    X(UAH)                                                                                                             \
    X(USD)                                                                                                             \
    X(VND)                                                                                                             \
    X(ZAR)

enum currency {
#define CURRENCY_ENUM(code) CURRENCY_##code,
    CURRENCIES(CURRENCY_ENUM)
#undef CURRENCY_ENUM
};
#define BIT(code) (UINT64_C(1) << CURRENCY_##code)

struct mark {
    const char *text;
    uint64_t currencies;
};

static const struct mark marks[] = {
#define CURRENCY_CODE(code) {#code, BIT(code)},
    CURRENCIES(CURRENCY_CODE)
#undef CURRENCY_CODE
        {"$", BIT(USD) | BIT(ARS) | BIT(AUD) | BIT(CAD) | BIT(CLP) | BIT(COP) | BIT(HKD) | BIT(MXN) | BIT(NZD) |
                  BIT(SGD) | BIT(TWD)},
    {"US$", BIT(USD)},
    {"A$", BIT(AUD)},
    {"C$", BIT(CAD)},
    {"HK$", BIT(HKD)},
    {"NT$", BIT(TWD)},
    {"NZ$", BIT(NZD)},
    {"R$", BIT(BRL)},
    {"S$", BIT(SGD)},
    {"€", BIT(EUR)},
    {"£", BIT(GBP)},
    {"¥", BIT(CNY) | BIT(JPY)},
    {"￥", BIT(CNY) | BIT(JPY)}, /* full width */
    {"元", BIT(CNY) | BIT(HKD) | BIT(TWD)},
    {"RMB", BIT(CNY)},
    {"円", BIT(JPY)},
    {"₩", BIT(KRW)},
    {"₫", BIT(VND)},
    {"₪", BIT(ILS)},
    {"₱", BIT(PHP)},
    {"₴", BIT(UAH)},
    {"₹", BIT(INR)},
    {"₺", BIT(TRY)},
    {"₽", BIT(RUB)},
    {"฿", BIT(THB)},
    {"kr", BIT(DKK) | BIT(NOK) | BIT(SEK)},
    {"kr.", BIT(DKK) | BIT(NOK) | BIT(SEK)},
    {"zł", BIT(PLN)},
    {"Kč", BIT(CZK)},
    {"Ft", BIT(HUF)},
    {"Fr.", BIT(CHF)},
};

static size_t find(const char *text, size_t n, bool behind, uint64_t *ruled_out)
{
    size_t longest = 0;
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; ++i) {
        size_t n_mark = strlen(marks[i].text);
        if (n_mark > n || n_mark <= longest || memcmp(text + (behind ? n - n_mark : 0), marks[i].text, n_mark) != 0)
            continue;
        longest = n_mark;
        *ruled_out = ~marks[i].currencies;
    }
    return longest;
}

size_t strata_currency_in_front(const char *text, size_t n, uint64_t *ruled_out)
{
    return find(text, n, false, ruled_out);
}

size_t strata_currency_behind(const char *text, size_t n, uint64_t *ruled_out)
{
    return find(text, n, true, ruled_out);
}
