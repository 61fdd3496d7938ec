#include "base/hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <cstdlib>
#include <memory>

namespace pawl {
namespace {

// Looked up once: OpenSSL 3 searches its providers by name at each use of EVP_sha256(), which costs more than a short
// input's hash. Never freed; immutable and shared by all threads.
const EVP_MD* sha256_method() {
  static const EVP_MD* const method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return method;
}

// Fails only for want of memory or of OpenSSL's default provider: there is no going on without either.
void require(bool done) {
  if (!done) std::abort();
}

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

class Hasher {
 public:
  Hasher() : context_(EVP_MD_CTX_new()) {
    require(context_ != nullptr && EVP_DigestInit_ex2(context_.get(), sha256_method(), nullptr) == 1);
  }
  void add(const void* data, std::size_t size) { require(EVP_DigestUpdate(context_.get(), data, size) == 1); }
  Sha256 finish() {
    Sha256 digest;
    require(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) == 1);
    return digest;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, FreeContext> context_;
};

}  // namespace

Sha256 sha256(std::string_view bytes) {
  Hasher hasher;
  hasher.add(bytes.data(), bytes.size());
  return hasher.finish();
}

Sha256 sha256_parts(std::initializer_list<std::string_view> parts) {
  Hasher hasher;
  for (const std::string_view part : parts) {
    std::array<std::uint8_t, 8> length;
    for (int i = 0; i < 8; ++i) length[i] = static_cast<std::uint8_t>(std::uint64_t{part.size()} >> (56 - 8 * i));
    hasher.add(length.data(), length.size());
    hasher.add(part.data(), part.size());
  }
  return hasher.finish();
}

bool equal_in_constant_time(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace pawl
