/* The public data sets that some tests need; where they are not, these tests are skipped. */
#ifndef STRATA_TEST_DATA_H
#define STRATA_TEST_DATA_H

/* The path of a file or folder in the test data, to be freed; skips the test if it is not there. */
char *test_data_path(const char *name);

#endif
