#include "common/digest.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

struct digest {
    EVP_MD *algorithm; /* fetched once: an implicit fetch per digest costs more than the digest */
    EVP_MD_CTX *context;
};

struct digest *digest_new(void)
{
    struct digest *digest = calloc(1, sizeof *digest);
    if (!digest)
        return NULL;
    digest->algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
    digest->context = EVP_MD_CTX_new();
    if (!digest->algorithm || !digest->context)
        digest_free(&digest);
    return digest;
}

void digest_free(struct digest **digest)
{
    if (!*digest)
        return;
    EVP_MD_CTX_free((*digest)->context);
    EVP_MD_free((*digest)->algorithm);
    free(*digest);
    *digest = NULL;
}

bool digest_start(struct digest *digest)
{
    return EVP_DigestInit_ex2(digest->context, digest->algorithm, NULL) == 1;
}

bool digest_add(struct digest *digest, const void *data, size_t size)
{
    return size == 0 || EVP_DigestUpdate(digest->context, data, size) == 1;
}

bool digest_end(struct digest *digest, uint8_t out[DIGEST_SIZE])
{
    return EVP_DigestFinal_ex(digest->context, out, NULL) == 1;
}

bool digest_of(struct digest *digest, const void *data, size_t size, uint8_t out[DIGEST_SIZE])
{
    return digest_start(digest) && digest_add(digest, data, size) && digest_end(digest, out);
}

bool random_bytes(void *out, size_t size)
{
    return size <= INT_MAX && RAND_bytes(out, (int)size) == 1;
}
