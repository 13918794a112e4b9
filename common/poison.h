/*
 * Included before every file: what this code base does not call, because the safe form is as short.
 */
#ifndef SUARA_COMMON_POISON_H
#define SUARA_COMMON_POISON_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#undef sprintf /* a macro of glibc's under clang with FORTIFY */
#pragma GCC poison sprintf strcpy strcat strncpy strtok atoi atol gets

#endif
