// Tokens as issuers make them, and as those do who would like to come in without one.

#include "service/adapters/jose/token_verifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "service/base/crypto.h"
#include "tests/support/tokens/token_maker.h"

namespace kulanz::jose {
namespace {

using kulanz::testing::Base64Url;
using kulanz::testing::Claims;
using kulanz::testing::Compact;
using kulanz::testing::Header;
using kulanz::testing::SigningKey;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::int64_t kNow = 1'800'000'000;

Instant At(std::int64_t seconds) { return Instant(std::chrono::seconds(seconds)); }

// Making RSA keys takes long: the same for all tests.
const SigningKey& Rsa() {
  static const SigningKey key = SigningKey::Rsa();
  return key;
}
const SigningKey& Ec() {
  static const SigningKey key = SigningKey::Ec();
  return key;
}

class TokenVerifierTest : public ::testing::Test {
 protected:
  static TokenVerifier Make(std::vector<std::string> algorithms = {"RS256", "ES256"},
                            std::vector<std::string> groups_at = {"groups"}) {
    auto keys = KeySet::Parse(R"({"keys":[)" + Rsa().Jwk("rsa") + "," + Ec().Jwk("ec") + "]}");
    EXPECT_TRUE(keys.ok()) << keys.status().ToString();
    return TokenVerifier({{.name = "https://login.test",
                           .audiences = {"kulanz", "kulanz-staging"},
                           .algorithms = std::move(algorithms),
                           .leeway = std::chrono::seconds{30},
                           .groups_at = std::move(groups_at),
                           .keys = std::move(keys).value()}});
  }
  // The reason, or "OK".
  std::string Verdict(const std::string& token, std::int64_t now = kNow) const {
    const auto claims = verifier_.Verify(token, At(now));
    if (!claims.ok()) {
      EXPECT_EQ(claims.status().code(), Code::kUnauthenticated);
      return std::string(claims.status().reason());
    }
    return "OK";
  }
  static std::string Good(const Claims& claims = {}) {
    return Rsa().Sign(Header("RS256", "rsa"), claims.ToJson(kNow));
  }
  const TokenVerifier verifier_ = Make();
};

TEST_F(TokenVerifierTest, AGoodTokenSaysWhoItIs) {
  Claims claims;
  claims.more = R"("groups":["support","night"])";
  const auto read = verifier_.Verify(Good(claims), At(kNow));
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  EXPECT_EQ(read->issuer, "https://login.test");
  EXPECT_EQ(read->subject, "anna");
  EXPECT_THAT(read->groups, ElementsAre("support", "night"));
  EXPECT_EQ(read->expires, At(kNow + 3600));
  EXPECT_EQ(Verdict(Ec().Sign(Header("ES256", "ec"), Claims().ToJson(kNow))), "OK");
}

TEST_F(TokenVerifierTest, EachPinnedAlgorithmIsTakenWithItsOwnKeyOnly) {
  const std::string claims = Claims().ToJson(kNow);
  EXPECT_EQ(Verdict(Rsa().Sign(Header("RS256", "ec"), claims)), "TOKEN_ALGORITHM");
  EXPECT_EQ(Verdict(Ec().Sign(Header("ES256", "rsa"), claims)), "TOKEN_ALGORITHM");
  EXPECT_EQ(Verdict(Rsa().Sign(Header("RS384", "rsa"), claims, "SHA384")), "TOKEN_ALGORITHM")
      << "it is a right signature, by an algorithm that is not pinned";
  const TokenVerifier other = Make({"RS384"});
  EXPECT_TRUE(other.Verify(Rsa().Sign(Header("RS384", "rsa"), claims, "SHA384"), At(kNow)).ok());
  EXPECT_FALSE(other.Verify(Good(), At(kNow)).ok());
}

TEST_F(TokenVerifierTest, TokensWithoutASignatureAreNone) {
  const std::string claims = Claims().ToJson(kNow);
  const auto refused = ::testing::AnyOf("TOKEN_ALGORITHM", "TOKEN_MALFORMED");
  for (const char* name : {"none", "None", "NONE", "nOnE", ""}) {
    EXPECT_THAT(Verdict(Compact(Header(name, "rsa"), claims, "")), refused) << name;
    EXPECT_THAT(Verdict(Compact(Header(name, "rsa"), claims, "x")), refused) << name;
  }
  EXPECT_EQ(Verdict(Compact(R"({"kid":"rsa"})", claims, "")), "TOKEN_MALFORMED");
  const std::string unsigned_token = Compact(Header("RS256", "rsa"), claims, "");
  EXPECT_NE(Verdict(unsigned_token), "OK");
  EXPECT_NE(Verdict(unsigned_token.substr(0, unsigned_token.size() - 1)), "OK");
}

// The classic: the verifier's public key, which everybody knows, used as the secret of an HMAC.
TEST_F(TokenVerifierTest, AnHmacWithThePublicKeyIsNoSignature) {
  for (const std::string& secret :
       {Rsa().PublicPem(), Rsa().Jwk("rsa"), Rsa().KeySet("rsa"), Ec().PublicPem()}) {
    for (const char* kid : {"rsa", "ec"}) {
      const std::string head = Base64Url(Header("HS256", kid));
      const std::string body = Base64Url(Claims().ToJson(kNow));
      const Sha256Digest mac = HmacKey(secret).Sign({head, ".", body});
      EXPECT_EQ(Verdict(head + "." + body + "." + Base64Url(AsView(mac))), "TOKEN_ALGORITHM");
    }
  }
}

TEST_F(TokenVerifierTest, SignaturesOfOthersAndChangedTokensAreRefused) {
  const SigningKey other = SigningKey::Rsa();
  EXPECT_EQ(Verdict(other.Sign(Header("RS256", "rsa"), Claims().ToJson(kNow))), "TOKEN_SIGNATURE");
  const std::string good = Good();
  const std::size_t first = good.find('.');
  const std::size_t second = good.rfind('.');
  Claims boss;
  boss.sub = R"("boss")";
  EXPECT_EQ(Verdict(good.substr(0, first + 1) + Base64Url(boss.ToJson(kNow)) + good.substr(second)),
            "TOKEN_SIGNATURE");
  for (std::size_t at = second + 1; at < good.size() - 2; at += 37) {
    std::string changed = good;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    EXPECT_EQ(Verdict(changed), "TOKEN_SIGNATURE") << at;
  }
}

TEST_F(TokenVerifierTest, AKeyThatIsNotKnownOpensNothing) {
  const std::string claims = Claims().ToJson(kNow);
  EXPECT_EQ(Verdict(Rsa().Sign(Header("RS256", "another"), claims)), "TOKEN_KEY_UNKNOWN");
  EXPECT_EQ(Verdict(Rsa().Sign(R"({"alg":"RS256"})", claims)), "TOKEN_KEY_UNKNOWN");
  EXPECT_EQ(Verdict(Rsa().Sign(R"({"alg":"RS256","kid":["rsa"]})", claims)), "TOKEN_KEY_UNKNOWN");
  // Keys that a token brings along are nobody's.
  EXPECT_EQ(Verdict(Rsa().Sign(R"({"alg":"RS256","jwk":)" + Rsa().Jwk("rsa") + "}", claims)),
            "TOKEN_KEY_UNKNOWN");
}

TEST_F(TokenVerifierTest, AudienceAndIssuerMustBeOurs) {
  Claims claims;
  for (const char* audience : {R"("kulanz-staging")", R"(["other","kulanz"])"}) {
    claims.aud = audience;
    EXPECT_EQ(Verdict(Good(claims)), "OK") << audience;
  }
  for (const char* audience : {"", R"("other")", R"("kulanz ")", R"([])", R"(["other"])", "7",
                               R"({"kulanz":1})", R"("")"}) {
    claims.aud = audience;
    EXPECT_EQ(Verdict(Good(claims)), "TOKEN_AUDIENCE") << audience;
  }
  claims = {};
  for (const char* issuer : {"", R"("https://login.test/")", R"("https://evil.test")", "1"}) {
    claims.iss = issuer;
    EXPECT_EQ(Verdict(Good(claims)), "TOKEN_ISSUER") << issuer;
  }
}

TEST_F(TokenVerifierTest, TimesHoldToTheSecondOfTheLeeway) {
  Claims claims;
  claims.exp = std::to_string(kNow);
  EXPECT_EQ(Verdict(Good(claims), kNow + 29), "OK");
  EXPECT_EQ(Verdict(Good(claims), kNow + 30), "TOKEN_EXPIRED");
  claims = {};
  claims.nbf = std::to_string(kNow);
  EXPECT_EQ(Verdict(Good(claims), kNow - 30), "OK");
  EXPECT_EQ(Verdict(Good(claims), kNow - 31), "TOKEN_NOT_YET_VALID");
  claims = {};
  claims.more = "\"iat\":" + std::to_string(kNow + 31);
  EXPECT_EQ(Verdict(Good(claims)), "TOKEN_NOT_YET_VALID");
  claims = {};
  claims.without_exp = true;
  EXPECT_EQ(Verdict(Good(claims)), "TOKEN_MALFORMED") << "a token must end";
  claims = {};
  for (const char* time : {R"("4000000000")", "-1", "1e300", "null", "[]"}) {
    claims.exp = time;
    EXPECT_EQ(Verdict(Good(claims)), "TOKEN_MALFORMED") << time;
    claims.exp = "";
    claims.nbf = time;
    EXPECT_EQ(Verdict(Good(claims)), "TOKEN_MALFORMED") << time;
    claims.nbf = "";
  }
}

TEST_F(TokenVerifierTest, WhoItIsMustBeALineOfAtMost256Bytes) {
  Claims claims;
  for (const std::string& subject :
       {std::string(), std::string(R"("")"), std::string("7"), std::string(R"("a\nb")"),
        "\"" + std::string(257, 'x') + "\""}) {
    claims.sub = subject;
    EXPECT_EQ(Verdict(Good(claims)), "TOKEN_SUBJECT") << subject;
  }
  claims.sub = "\"" + std::string(256, 'x') + "\"";
  EXPECT_EQ(Verdict(Good(claims)), "OK");
}

TEST_F(TokenVerifierTest, WhatIsNoTokenIsMalformed) {
  const std::string claims = Claims().ToJson(kNow);
  for (const std::string& text :
       {std::string(), std::string("x"), std::string("a.b.c"), std::string(".."),
        std::string(16 * 1024 + 1, 'a'), std::string("a.b.c.d.e"), std::string("\0.\0.\0", 5),
        Compact("[]", claims, "x"), Compact("{", claims, "x")}) {
    EXPECT_EQ(Verdict(text), "TOKEN_MALFORMED") << text.substr(0, 80);
  }
  EXPECT_EQ(Verdict(Rsa().Sign(Header("RS256", "rsa"), "not json")), "TOKEN_MALFORMED");
  EXPECT_EQ(Verdict(Rsa().Sign(Header("RS256", "rsa"), claims + claims)), "TOKEN_MALFORMED");
  EXPECT_EQ(Verdict(Rsa().Sign(Header("RS256", "rsa"),
                               claims.substr(0, claims.size() - 1) + R"(,"sub":"boss"})")),
            "TOKEN_MALFORMED")
      << "one name twice";
  EXPECT_EQ(
      Verdict(Rsa().Sign(R"({"alg":"RS256","kid":"rsa","crit":["b64"],"b64":false})", claims)),
      "TOKEN_MALFORMED");
  EXPECT_EQ(Verdict(Rsa().Sign(R"({"alg":"RS256","kid":"rsa","typ":"logout+jwt"})", claims)),
            "TOKEN_MALFORMED");
}

// cjose would abort the process for some of these.
TEST_F(TokenVerifierTest, WhatIsNoBase64UrlIsMalformedWhereverItStands) {
  const std::string good = Good();
  ASSERT_EQ(Verdict(good), "OK");
  const std::size_t payload = good.find('.') + 1;
  const std::size_t signature = good.find('.', payload) + 1;
  for (const std::size_t begin : {std::size_t{0}, payload, signature}) {
    for (const char* const inserted : {"=", "A=", "AA=", "+", "/", "\n", " ", "\x80"}) {
      for (std::size_t offset = 0; offset < 5; ++offset) {
        std::string token = good;
        token.insert(begin + offset, inserted);
        EXPECT_EQ(Verdict(token), "TOKEN_MALFORMED") << inserted << " at " << begin + offset;
      }
    }
  }
  for (const char* const padding : {"=", "==", "===", "===="}) {
    EXPECT_EQ(Verdict(good + padding), "TOKEN_MALFORMED");
  }
}

TEST(KeySetTest, KeysThatAreNoBase64UrlArePassedOver) {
  const auto set_of = [](const std::string& key) {
    return KeySet::Parse(R"({"keys":[)" + key + "]}");
  };
  for (const std::string& good : {Rsa().Jwk("k"), Ec().Jwk("k")}) {
    ASSERT_TRUE(set_of(good).ok());
    for (const char* const part : {"n", "e", "x", "y"}) {
      const std::string before = "\"" + std::string(part) + "\":\"";
      const std::size_t at = good.find(before);
      if (at == std::string::npos) {
        continue;  // of the other type of keys
      }
      std::string bad = good;
      bad.insert(at + before.size(), "A=");
      EXPECT_THAT(set_of(bad).status().message(), ::testing::HasSubstr("no key that can be used"))
          << part;
    }
  }
}

TEST_F(TokenVerifierTest, GroupsStandWhereTheOperatorSays) {
  const auto groups = [](const TokenVerifier& verifier, const std::string& more) {
    Claims claims;
    claims.more = more;
    const auto read = verifier.Verify(Good(claims), At(kNow));
    EXPECT_TRUE(read.ok()) << read.status().ToString();
    return read.ok() ? read->groups : std::vector<std::string>{};
  };
  const TokenVerifier nested = Make({"RS256"}, {"realm_access", "roles"});
  EXPECT_THAT(groups(nested, R"("realm_access":{"roles":["a","b",7]})"), ElementsAre("a", "b"));
  EXPECT_THAT(groups(nested, R"("realm_access":["a"])"), IsEmpty());
  const TokenVerifier scope = Make({"RS256"}, {"scope"});
  EXPECT_THAT(groups(scope, R"("scope":" a  b ")"), ElementsAre("a", "b"));
  EXPECT_THAT(groups(Make({"RS256"}, {}), R"("groups":["a"])"), IsEmpty());
}

TEST(KeySetTest, RefusesWhatIsNoneAndPassesOverKeysOfNoUse) {
  const auto reason = [](const std::string& text) {
    return KeySet::Parse(text).status().message();
  };
  using ::testing::HasSubstr;
  EXPECT_THAT(reason("{}"), HasSubstr("no JSON object with a list 'keys'"));
  EXPECT_THAT(reason(R"({"keys":[7]})"), HasSubstr("something else"));
  EXPECT_THAT(reason(R"({"keys":[{"kty":"RSA","d":"x"}]})"), HasSubstr("private key"));
  EXPECT_THAT(reason(R"({"keys":[{"kty":"oct","kid":"s","k":"c2VjcmV0"}]})"),
              HasSubstr("no key that can be used"));
  EXPECT_THAT(reason(SigningKey::Rsa(1024).KeySet("short")), HasSubstr("2048 bits"));
  EXPECT_THAT(reason(R"({"keys":[)" + Ec().Jwk("a") + "," + Ec().Jwk("a") + "]}"),
              HasSubstr("two keys of one kid"));
  EXPECT_THAT(reason(std::string(kKeySetBytesMax + 1, ' ')), HasSubstr("more than"));
  std::string many = R"({"keys":[)";
  for (std::size_t i = 0; i <= kKeysMax; ++i) {
    many += (i == 0 ? "" : ",") + Ec().Jwk("k" + std::to_string(i));
  }
  EXPECT_THAT(reason(many + "]}"), HasSubstr("more than 64 keys"));
  const auto mixed =
      KeySet::Parse(R"({"keys":[{"kty":"OKP","kid":"x","crv":"Ed25519"},)" + Ec().Jwk("ec") + "]}");
  ASSERT_TRUE(mixed.ok());
  EXPECT_EQ(mixed->size(), 1U);
}

TEST(KeySetTest, AKeyForOneAlgorithmServesNoOther) {
  auto keys = KeySet::Parse(R"({"keys":[)" + Rsa().Jwk("rsa", R"("alg":"RS512",)") + "]}");
  ASSERT_TRUE(keys.ok());
  const TokenVerifier verifier({{.name = "https://login.test",
                                 .audiences = {"kulanz"},
                                 .algorithms = {"RS256", "RS512"},
                                 .groups_at = {},
                                 .keys = std::move(keys).value()}});
  const std::string claims = Claims().ToJson(kNow);
  EXPECT_EQ(verifier.Verify(Rsa().Sign(Header("RS256", "rsa"), claims), At(kNow)).status().reason(),
            "TOKEN_ALGORITHM");
  EXPECT_TRUE(verifier.Verify(Rsa().Sign(Header("RS512", "rsa"), claims, "SHA512"), At(kNow)).ok());
}

}  // namespace
}  // namespace kulanz::jose
