#include "map.h"

#define ANY           STRATA_ANY_LEVEL
#define N_ROWS(table) ((int)(sizeof(table) / sizeof *(table)))

#define OTHERS                                                                                                         \
    {                                                                                                                  \
        .name = "Others", .name_zh = "其他", .action = "Look at their scores, then give them a rule of their own"      \
    }

#define REWARD      "Reward them, show them new products first, ask them for reviews and referrals"
#define UPSELL      "Offer products of higher value and a loyalty programme"
#define GROW        "Offer membership and recommend related products to make buying a habit"
#define WELCOME     "Welcome them, help with the first order and prompt the second one soon"
#define PROMPT      "Keep the brand in mind: small offers and free trials until they buy again"
#define WIN_BACK    "Call or write in person, find out why they left, win them back with a strong offer"
#define REACTIVATE  "Send personal messages and renewed offers before they are gone"
#define LIMITED     "Make a limited offer, based on what they bought before"
#define REMIND      "Remind them with popular products and a reason to come back"
#define ECONOMISE   "Include them in standard mailings only, with products of their past interest"
#define LAST_CHANCE "Try one reach-out campaign, then spend no more on them"

/* Total and disjoint on R x (F + M) / 2: every customer matches exactly one rule. */
static const struct strata_map_rule default_rules[] = {
    {"Champions", "冠军客户", REWARD, {4, 5}, ANY, ANY, {5, 5}},
    {"Loyal Customers", "忠诚客户", UPSELL, {4, 5}, ANY, ANY, {4, 4}},
    {"Loyal Customers", "忠诚客户", UPSELL, {3, 3}, ANY, ANY, {4, 5}},
    {"Potential Loyalists", "潜在忠诚客户", GROW, {4, 5}, ANY, ANY, {2, 3}},
    {"New Customers", "新客户", WELCOME, {5, 5}, ANY, ANY, {1, 1}},
    {"Promising", "有潜力客户", PROMPT, {4, 4}, ANY, ANY, {1, 1}},
    {"Need Attention", "需关注客户", LIMITED, {3, 3}, ANY, ANY, {3, 3}},
    {"About To Sleep", "即将沉睡客户", REMIND, {3, 3}, ANY, ANY, {1, 2}},
    {"At Risk", "流失风险客户", REACTIVATE, {1, 2}, ANY, ANY, {3, 4}},
    {"Can't Lose Them", "不能失去的客户", WIN_BACK, {1, 2}, ANY, ANY, {5, 5}},
    {"Hibernating", "沉睡客户", ECONOMISE, {2, 2}, ANY, ANY, {1, 2}},
    {"Lost", "已流失客户", LAST_CHANCE, {1, 1}, ANY, ANY, {1, 2}},
};

/* The example of the vignette of the R package rfm, before 0.3.0. */
static const struct strata_map_rule r_vignette_rules[] = {
    {"Champions", "冠军客户", REWARD, {4, 5}, {4, 5}, {4, 5}, ANY},
    {"Loyal Customers", "忠诚客户", UPSELL, {2, 5}, {3, 5}, {3, 5}, ANY},
    {"Potential Loyalist", "潜在忠诚客户", GROW, {3, 5}, {1, 3}, {1, 3}, ANY},
    {"New Customers", "新客户", WELCOME, {4, 5}, {1, 1}, {1, 1}, ANY},
    {"Promising", "有潜力客户", PROMPT, {3, 4}, {1, 1}, {1, 1}, ANY},
    {"Need Attention", "需关注客户", LIMITED, {2, 3}, {2, 3}, {2, 3}, ANY},
    {"About To Sleep", "即将沉睡客户", REMIND, {2, 3}, {1, 2}, {1, 2}, ANY},
    {"At Risk", "流失风险客户", REACTIVATE, {1, 2}, {2, 5}, {2, 5}, ANY},
    {"Can't Lose Them", "不能失去的客户", WIN_BACK, {1, 1}, {4, 5}, {4, 5}, ANY},
    {"Lost", "已流失客户", LAST_CHANCE, {1, 2}, {1, 2}, {1, 2}, ANY},
};

/* The example of the R package rfm 0.3.0. */
static const struct strata_map_rule r_0_3_0_rules[] = {
    {"Champions", "冠军客户", REWARD, {5, 5}, {5, 5}, {5, 5}, ANY},
    {"Potential Loyalist", "潜在忠诚客户", GROW, {3, 5}, {3, 5}, {2, 5}, ANY},
    {"Loyal Customers", "忠诚客户", UPSELL, {2, 4}, {2, 4}, {2, 4}, ANY},
    {"Promising", "有潜力客户", PROMPT, {3, 4}, {1, 3}, {3, 5}, ANY},
    {"New Customers", "新客户", WELCOME, {4, 5}, {1, 3}, {1, 5}, ANY},
    {"Can't Lose Them", "不能失去的客户", WIN_BACK, {1, 2}, {3, 4}, {4, 5}, ANY},
    {"At Risk", "流失风险客户", REACTIVATE, {1, 2}, {2, 5}, {4, 5}, ANY},
    {"Need Attention", "需关注客户", LIMITED, {1, 3}, {3, 5}, {3, 5}, ANY},
    {"About To Sleep", "即将沉睡客户", REMIND, {2, 3}, {1, 3}, {1, 4}, ANY},
    {"Lost", "已流失客户", LAST_CHANCE, {1, 1}, {1, 5}, {1, 5}, ANY},
};

/* The eight classes in use in China: on the better side of the mean, or not, in R, F and M. */
#define HIGH                                                                                                           \
    {                                                                                                                  \
        1, 1                                                                                                           \
    }
#define LOW                                                                                                            \
    {                                                                                                                  \
        0, 0                                                                                                           \
    }
static const struct strata_map_rule chinese_8_rules[] = {
    {"Important Value", "重要价值", "Serve them first and in person, reward their loyalty", HIGH, HIGH, HIGH, ANY},
    {"Important Growth", "重要发展", "Make them come more often: membership, bundles", HIGH, LOW, HIGH, ANY},
    {"Important Keep", "重要保持", "Contact them now: news and offers that bring them back", LOW, HIGH, HIGH, ANY},
    {"Important Win-back", "重要挽留", "Call in person, find out why they left, offer a lot", LOW, LOW, HIGH, ANY},
    {"General Value", "一般价值", "Raise the value of each order: related products", HIGH, HIGH, LOW, ANY},
    {"General Growth", "一般发展", "Prompt the next order with trials and small vouchers", HIGH, LOW, LOW, ANY},
    {"General Keep", "一般保持", "Remind them by low-cost channels of popular products", LOW, HIGH, LOW, ANY},
    {"General Win-back", "一般挽留", "Try one low-cost campaign, then spend no more", LOW, LOW, LOW, ANY},
};

const struct strata_segment_map strata_segment_maps[STRATA_N_SEGMENT_MAPS] = {
    {"default", STRATA_GRID_FIVE_RESCALED, N_ROWS(default_rules), default_rules, OTHERS},
    {"r-vignette", STRATA_GRID_FIVE, N_ROWS(r_vignette_rules), r_vignette_rules, OTHERS},
    {"r-0.3.0", STRATA_GRID_FIVE, N_ROWS(r_0_3_0_rules), r_0_3_0_rules, OTHERS},
    {"chinese-8", STRATA_GRID_MEAN, N_ROWS(chinese_8_rules), chinese_8_rules, OTHERS},
};
