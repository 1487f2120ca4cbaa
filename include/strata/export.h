/* Visibility of the public symbols; everything else in libstrata is hidden. */
#ifndef STRATA_EXPORT_H
#define STRATA_EXPORT_H

#if defined(__GNUC__)
#define STRATA_API                 __attribute__((visibility("default")))
#define STRATA_MUST_USE            __attribute__((warn_unused_result))
#define STRATA_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define STRATA_API
#define STRATA_MUST_USE
#define STRATA_PRINTF(text, first)
#endif

#endif
