/* Texts that may hold a password, without it. */
#ifndef STRATA_BASE_REDACT_H
#define STRATA_BASE_REDACT_H

/* A copy in which the password of every URL ("postgresql://user:SECRET@host") and the value behind every name that ends
 * in password, passwd, secret, secret_access_key or session_token and an equals sign ("password=SECRET",
 * "sslpassword = 'SE CRET'") is "***". malloc'ed; NULL if out of memory; NULL gives NULL. */
char *strata_text_redact(const char *text);

#endif
