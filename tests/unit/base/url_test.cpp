#include <aludel/url.hpp>

#include <aludel/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aludel {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Url, ReadsEveryPart) {
  const Url url = parse_url("PostgreSQL+async://hero:s%40cret@db.example.com:5433/app?sslmode=require&options=-c%20x%3D1&flag");
  EXPECT_EQ(url.scheme, "postgresql");
  EXPECT_EQ(url.user, "hero");
  EXPECT_EQ(url.password.reveal(), "s@cret");
  EXPECT_EQ(url.host, "db.example.com");
  EXPECT_EQ(url.port, 5433);
  EXPECT_EQ(url.path, "app");
  ASSERT_NE(url.option("options"), nullptr);
  EXPECT_EQ(*url.option("options"), "-c x=1");
  EXPECT_EQ(*url.option("flag"), "");
  EXPECT_EQ(url.option("nothing"), nullptr);
}

TEST(Url, KnowsTheFormsOfFileDatabases) {
  EXPECT_EQ(parse_url("sqlite:///relative.db").path, "relative.db");
  EXPECT_EQ(parse_url("sqlite:///data/./a..b/app.db").path, "data/./a..b/app.db");
  EXPECT_EQ(parse_url("sqlite:////abs.db").path, "/abs.db");
  EXPECT_EQ(parse_url("sqlite:////var/lib//app.db").path, "/var/lib//app.db");
  EXPECT_EQ(parse_url("sqlite://").path, "");
  EXPECT_EQ(parse_url("sqlite://").host, "");
  EXPECT_EQ(parse_url("sqlite:///").path, "");
  EXPECT_EQ(parse_url("sqlite://app.db").host, "app.db") << "two slashes make it a host, as in every URL";
}

TEST(Url, TakesPathsAsTheyAreTyped) {
  EXPECT_EQ(parse_url("sqlite:////home/Jürgen/my data/[1] 🦸.db").path, "/home/Jürgen/my data/[1] 🦸.db");
  EXPECT_EQ(parse_url("sqlite:////tmp/a%20b%23c%3Fd.db").path, "/tmp/a b#c?d.db");
  EXPECT_EQ(parse_url("sqlite:////tmp/back\\slash|pipe.db").path, "/tmp/back\\slash|pipe.db");
}

TEST(Url, ReadsAddresses) {
  EXPECT_EQ(parse_url("postgresql://[::1]:5432/app").host, "::1");
  EXPECT_EQ(parse_url("mysql://127.0.0.1/app").host, "127.0.0.1");
  EXPECT_EQ(parse_url("postgresql://host:/app").port, std::nullopt);
  EXPECT_EQ(*parse_url("postgresql:///app?host=/var/run/postgresql").option("host"), "/var/run/postgresql");
}

TEST(Url, NeverShowsAPassword) {
  const Url url = parse_url("postgresql://hero:hunter2@host/app?sslpassword=hunter2&sslmode=require&api_token=hunter2");
  EXPECT_EQ(url.redacted(), "postgresql://hero:***@host/app?sslpassword=***&sslmode=require&api_token=***");
  EXPECT_EQ(parse_url("sqlite:////home/Jürgen/my data.db").redacted(), "sqlite:////home/Jürgen/my data.db");
}

TEST(Url, RevealedReadsBackTheSame) {
  for (const char* text : {"postgresql://u%3Aser:p%40ss%2Fw%3Ard@[::1]:1/my%20db%3F?a=b%26c&key=x%23y", "sqlite:////tmp/%C3%BC%25.db", "sqlite://",
                           "mysql://host", "sqlite:///:memory:", "postgresql://:only@h/"}) {
    const Url url = parse_url(text);
    EXPECT_EQ(parse_url(url.revealed()), url) << text;
  }
}

struct Broken {
  const char* text;
  const char* message;
  const char* hint;
};
class BrokenUrl : public testing::TestWithParam<Broken> {};

TEST_P(BrokenUrl, SaysWhatIsWrongWithoutThePassword) {
  try {
    parse_url(GetParam().text);
    FAIL() << GetParam().text;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::syntax);
    EXPECT_THAT(error.message(), HasSubstr(GetParam().message));
    EXPECT_THAT(error.hint(), HasSubstr(GetParam().hint));
    for (const char* part : {"hunter2", "hunt", "er2"}) EXPECT_THAT(error.text(), Not(HasSubstr(part)));
  }
}

INSTANTIATE_TEST_SUITE_P(Texts, BrokenUrl,
                         testing::Values(Broken{"", "empty", "scheme://"}, Broken{"app.db", "does not begin with a scheme", "sqlite:///file.db"},
                                         Broken{"sqlite:app.db", "does not begin with a scheme", "sqlite:///file.db"},
                                         Broken{"postgresql://u:hunt@er2@host/db", "cannot be parsed", "'@' as %40"},
                                         Broken{"postgresql://u:hunt/er2@host/db", "cannot be parsed", "'/' as %2F"},
                                         Broken{"postgresql://u:12/hunter2@host/db", "'@' behind the port", "'/' in the password as %2F"},
                                         Broken{"postgresql://u:hunt#er2@host/db", "", "%23"},
                                         Broken{"postgresql://u:hunt%er2@host/db", "two hexadecimal digits", "%25"},
                                         Broken{"postgresql://u:hunt er2@host:x/db", "cannot be parsed", "percent-encode"},
                                         Broken{"postgresql://u:hunter2@host:70000/db", "port '70000'", "scheme://"},
                                         Broken{"sqlite:////tmp/a#b.db", "'#' has no meaning", "%23"},
                                         Broken{"sqlite:////tmp/a%00b.db", "zero byte", ""}));

TEST(LooksLikeUrl, WantsASchemeAndTwoSlashes) {
  EXPECT_TRUE(looks_like_url("sqlite://"));
  EXPECT_TRUE(looks_like_url("a+b.c-d://x"));
  EXPECT_FALSE(looks_like_url("models:"));
  EXPECT_FALSE(looks_like_url("exec:curl http://x"));
  EXPECT_FALSE(looks_like_url("://x"));
  EXPECT_FALSE(looks_like_url("1a://x"));
}

TEST(MaskPasswords, MasksInAnyText) {
  EXPECT_EQ(mask_passwords("cannot open postgresql://u:hunter2@host/db now"), "cannot open postgresql://u:***@host/db now");
  EXPECT_EQ(mask_passwords("postgresql://u:a@b:c/d@host/db"), "postgresql://u:***@host/db");
  EXPECT_EQ(mask_passwords("host=h password=hunter2 dbname=d"), "host=h password=*** dbname=d");
  EXPECT_EQ(mask_passwords("password = 'hun ter2' x"), "password = '***' x");
  EXPECT_EQ(mask_passwords("a://h/?key=k&sslpassword=x&b=c"), "a://h/?key=***&sslpassword=***&b=c");
  EXPECT_EQ(mask_passwords("WHERE key = 3; user 'u' has no table"), "WHERE key = 3; user 'u' has no table");
  EXPECT_EQ(mask_passwords("password authentication failed for user \"u\""), "password authentication failed for user \"u\"");
  EXPECT_EQ(mask_passwords("sqlite:///a@b.db"), "sqlite:///a@b.db");
}

}  // namespace
}  // namespace aludel
