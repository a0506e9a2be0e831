using System.Text;
using CsCheck;
using Quilt.Core;

namespace Quilt.Build.Tests.Ignore;

public sealed class IgnoreFileTests
{
    [Theory]
    [InlineData("a", "a", true)]
    [InlineData("a", "a/b", true)]
    [InlineData("a", "b/a", false)]
    [InlineData("/a", "a", true)]
    [InlineData("a/", "a", true)]
    [InlineData("./a/../b", "b", true)]
    [InlineData("*.log", "x.log", true)]
    [InlineData("*.log", "d/x.log", false)]
    [InlineData("*/*.log", "d/x.log", true)]
    [InlineData("**/*.log", "x.log", true)]
    [InlineData("**/*.log", "a/b/c/x.log", true)]
    [InlineData("**.log", "a/xy.log", true)]
    [InlineData("**/foo", "foo", true)]
    [InlineData("**/foo", "a/foo", true)]
    [InlineData("**/foo", "afoo", false)]
    [InlineData("a/**", "a/b/c", true)]
    [InlineData("a/**", "ab", false)]
    [InlineData("a/**/b", "a/b", true)]
    [InlineData("a/**/b", "a/x/y/b", true)]
    [InlineData("**", "anything/at/all", true)]
    [InlineData("a?c", "abc", true)]
    [InlineData("a?c", "a/c", false)]
    [InlineData("a[bc]d", "acd", true)]
    [InlineData("a[^bc]d", "acd", false)]
    [InlineData("a[^bc]d", "axd", true)]
    [InlineData("a[a-f]d", "aed", true)]
    [InlineData(@"a\*c", "a*c", true)]
    [InlineData(@"a\*c", "abc", false)]
    [InlineData("a.b", "axb", false)]
    [InlineData("a+(b)|{c}$", "a+(b)|{c}$", true)]
    [InlineData("*\n!keep", "keep", false)]
    [InlineData("*\n!keep", "other", true)]
    [InlineData("*\n!keep", "keep/inside", false)]
    [InlineData("!keep\n*", "keep", true)]
    [InlineData("d\n!d/keep\nd/keep/not", "d/keep/yes", false)]
    [InlineData("d\n!d/keep\nd/keep/not", "d/keep/not", true)]
    [InlineData("# a\na", "# a", false)]
    [InlineData(" # a", "# a", true)]
    [InlineData("\uFEFFa", "a", true)]
    [InlineData("a\r\nb\r\n", "a", true)]
    [InlineData("! keep \n*\n! keep", "keep", false)]
    public void Paths_are_ignored_as_Docker_ignores_them(string file, string path, bool ignored) =>
        Assert.Equal(ignored, Read(file).Ignores(path));

    [Theory]
    [InlineData("a\n[b", ".dockerignore:2: '[b' is not a pattern")]
    [InlineData("a\\", "'a\\' is not a pattern")]
    [InlineData("[]", "'[]' is not a pattern")]
    [InlineData("[b-a]", "'[b-a]' is not a pattern")]
    [InlineData("!", "'!' is not a pattern")]
    public void What_is_no_pattern_is_told_with_its_line(string file, string message) =>
        Assert.Contains(message, Assert.Throws<QuiltException>(() => Read(file)).Message, StringComparison.Ordinal);

    [Fact]
    public void Any_pattern_is_read_or_refused_and_matches_in_bounded_time() =>
        Gen.Select(Gen.String["*?[]^-\\/.!ab"], Gen.String["ab/"]).Sample((file, path) =>
        {
            try
            {
                _ = Read(file).Ignores(path);
            }
            catch (QuiltException e)
            {
                Assert.Equal(ErrorCode.InvalidArgument, e.Code);
            }
        }, iter: 2_000);

    [Fact]
    public void A_pattern_that_would_make_others_backtrack_does_not() =>
        Assert.False(Read(string.Concat(Enumerable.Repeat("*a", 40)) + "b").Ignores(new string('a', 2000)));

    private static IgnoreFile Read(string text) => IgnoreFile.Read(".dockerignore", Encoding.UTF8.GetBytes(text));
}
