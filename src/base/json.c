#include "json.h"

#include <string.h>

#include "utf8.h"

void strata_json_put_text(FILE *out, const char *text)
{
    size_t left = strlen(text);
    (void)fputc('"', out);
    while (left) {
        unsigned char byte = (unsigned char)*text;
        size_t n = strata_utf8_character(text, left);
        if (byte == '"' || byte == '\\')
            (void)fprintf(out, "\\%c", byte);
        else if (byte < 0x20)
            (void)fprintf(out, "\\u%04x", byte);
        else if (n == 0)
            (void)fputs("\\ufffd", out);
        else
            (void)fwrite(text, 1, n, out);
        n += n == 0;
        text += n;
        left -= n;
    }
    (void)fputc('"', out);
}
