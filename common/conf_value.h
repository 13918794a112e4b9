/*
 * One value of a configuration file: from text to the member of the settings, and back.
 */
#ifndef SUARA_COMMON_CONF_VALUE_H
#define SUARA_COMMON_CONF_VALUE_H

#include "common/conf.h"

/*
 * Sets the option's member, whose old text is freed. False when the value is wrong: why then says
 * so, as the end of a sentence that begins with the option ("is not a whole number").
 */
bool conf_value_set(const struct conf_option *option, void *settings, const char *value,
                    char why[256]);

/* A number as it would be written in the file: "64K", "10s". */
void conf_value_write(const struct conf_option *option, int64_t number, char out[64]);

bool conf_value_is_text(const struct conf_option *option);
char **conf_value_text(const struct conf_option *option, void *settings);
int64_t *conf_value_number(const struct conf_option *option, void *settings);

#endif
