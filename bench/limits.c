/* What this machine can do at most: bench_limits [THREADS]
 *
 * Prints one line of JSON: reading memory far beyond the caches, GB/s, and float32 fused multiply-adds in registers,
 * 10^9 per second, on all threads together. The best of five.
 */
#include <math.h>
#include <omp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__x86_64__)
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif

enum { WORDS = 1 << 27, LANES = 16, CHAINS = 12, ROUNDS = 1 << 24 };

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

CLONES static uint64_t read_words(const uint64_t *word, size_t n)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; ++i)
        sum += word[i];
    return sum;
}

CLONES static float multiply_add(float factor, float term)
{
    float sum[CHAINS][LANES] = {{0}}, total = 0;
    for (int round = 0; round < ROUNDS; ++round)
#pragma GCC unroll 16
        for (int chain = 0; chain < CHAINS; ++chain)
            for (int lane = 0; lane < LANES; ++lane)
                sum[chain][lane] = __builtin_fmaf(sum[chain][lane], factor, term);
    for (int chain = 0; chain < CHAINS; ++chain)
        for (int lane = 0; lane < LANES; ++lane)
            total += sum[chain][lane];
    return total;
}

int main(int argc, char **argv)
{
    int threads = argc > 1 ? atoi(argv[1]) : omp_get_max_threads();
    uint64_t *word = malloc(WORDS * sizeof *word), sum = 0;
    double read = INFINITY, arithmetic = INFINITY;
    float total = 0;
    if (!word || threads < 1)
        return 1;
    memset(word, 1, WORDS * sizeof *word);
    size_t share = WORDS / (size_t)threads;
    for (int run = 0; run < 5; ++run) {
        double start = seconds_now();
#pragma omp parallel for num_threads(threads) reduction(+ : sum)
        for (int thread = 0; thread < threads; ++thread)
            sum += read_words(word + (size_t)thread * share, share);
        read = fmin(read, seconds_now() - start);
        start = seconds_now();
#pragma omp parallel for num_threads(threads) reduction(+ : total)
        for (int thread = 0; thread < threads; ++thread)
            total += multiply_add(0.5f, (float)thread);
        arithmetic = fmin(arithmetic, seconds_now() - start);
    }
    printf("{\"threads\": %d, \"read_gb_per_s\": %.2f, \"fused_1e9_per_s\": %.2f, \"check\": %g}\n", threads,
           (double)share * (double)threads * sizeof *word / read * 1e-9,
           (double)threads * ROUNDS * CHAINS * LANES / arithmetic * 1e-9, (double)(sum % 7) + (double)total);
    free(word);
    return 0;
}
