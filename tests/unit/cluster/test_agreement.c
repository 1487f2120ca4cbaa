/* Agreement of two clusterings: by hand, by scikit-learn 1.2.1, and laws. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "agreement.h"
#include "random.h"

static struct strata_agreement agreement_of(const int16_t *a, const int16_t *b, size_t n)
{
    struct strata_agreement agreement;
    struct strata_error err = {0};
    cr_assert_eq(strata_agreement_measure(a, b, n, &agreement, &err), STRATA_OK, "%s", err.message);
    return agreement;
}

Test(agreement, by_hand)
{
    const int16_t a[] = {1, 1, 2, 2}, b[] = {1, 2, 1, 2}, one[] = {5, 5, 5, 5}, alone[] = {4, 3, 2, 1};
    struct strata_agreement agreement = agreement_of(a, b, 4);
    /* No pair of six is together on both sides, two on each: (0 - 4/6) / (2 - 4/6). */
    cr_expect_float_eq(agreement.ari, -0.5, 1e-14);
    /* No information, where ln 2 / 3 is expected of ln 2. */
    cr_expect_float_eq(agreement.ami, -0.5, 1e-14);
    cr_expect_eq(agreement.n, 4);
    agreement = agreement_of(a, one, 4);
    cr_expect(agreement.ari == 0 && fabs(agreement.ami) < 1e-14);
    agreement = agreement_of(one, one, 4);
    cr_expect(agreement.ari == 1 && agreement.ami == 1);
    agreement = agreement_of(alone, alone, 4);
    cr_expect(agreement.ari == 1 && fabs(agreement.ami - 1) < 1e-12, "%g %g", agreement.ari, agreement.ami);
}

Test(agreement, rows_without_a_label)
{
    const int16_t a[] = {1, INT16_MIN, 1, 2, 0, 2, 7}, b[] = {1, 1, 2, 1, 2, 2, INT16_MIN};
    const int16_t none[] = {0, 0, 0, 0, 0, 0, 0};
    struct strata_agreement agreement = agreement_of(a, b, 7);
    cr_expect_eq(agreement.n, 4);
    cr_expect_float_eq(agreement.ari, -0.5, 1e-14);
    cr_expect_float_eq(agreement.ami, -0.5, 1e-14);
    agreement = agreement_of(a, none, 7);
    cr_expect(agreement.n == 0 && isnan(agreement.ari) && isnan(agreement.ami));
}

Test(agreement, as_scikit_learn)
{
    static int16_t a[3000], b[3000], c[3000];
    for (int i = 0; i < 3000; ++i) {
        a[i] = (int16_t)(1 + i % 5);
        b[i] = (int16_t)(1 + i * 7 / 11 % 4);
        c[i] = (int16_t)(1 + (i % 5 + (i % 13 == 0)) % 5);
    }
    struct strata_agreement agreement = agreement_of(a, b, 3000);
    cr_expect_float_eq(agreement.ari, -0.00113335854702365, 1e-12);
    cr_expect_float_eq(agreement.ami, -0.0013261764259916084, 1e-10);
    agreement = agreement_of(a, c, 3000);
    cr_expect_float_eq(agreement.ari, 0.8220856926877359, 1e-12);
    cr_expect_float_eq(agreement.ami, 0.8311031548207662, 1e-10);
}

/* Sides and numbers do not matter; labels at random agree about as much as chance. */
Test(agreement, laws)
{
    enum { N = 20000 };
    static int16_t a[N], b[N], renamed[N];
    static const int16_t other_name[] = {0, 300, 2, 32767, 1, 77};
    for (uint64_t round = 0; round < 5; ++round) {
        for (size_t i = 0; i < N; ++i) {
            a[i] = (int16_t)(1 + strata_uniform_at(round, 1, i) * 5);
            b[i] = (int16_t)(1 + strata_uniform_at(round, 2, i) * 3);
            renamed[i] = other_name[a[i]];
        }
        struct strata_agreement forth = agreement_of(a, b, N), back = agreement_of(b, a, N);
        struct strata_agreement same = agreement_of(a, renamed, N), other = agreement_of(renamed, b, N);
        cr_expect_float_eq(forth.ari, back.ari, 1e-14);
        cr_expect_float_eq(forth.ami, back.ami, 1e-12);
        cr_expect_float_eq(forth.ari, other.ari, 1e-14);
        cr_expect_float_eq(forth.ami, other.ami, 1e-12);
        cr_expect_float_eq(same.ari, 1, 1e-12);
        cr_expect_float_eq(same.ami, 1, 1e-9);
        cr_expect(fabs(forth.ari) < 1e-3 && fabs(forth.ami) < 1e-3, "%g %g", forth.ari, forth.ami);
    }
}
