using CsCheck;

namespace Quilt.Build.Tests.Language;

public sealed class ShellWordsTests
{
    private static readonly Dictionary<string, string> Variables = new()
    {
        ["HOME"] = "/root",
        ["SHELL"] = "bash",
        ["EMPTY"] = "",
        ["SPACED"] = "a  b",
        ["PATHNAME"] = "usr/lib/x86/libc.so.6",
        ["MÄRZ"] = "3",
    };

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("it''s", "its")]
    [InlineData("a'b c'd", "ab cd")]
    [InlineData(@"it\'s", "it's")]
    [InlineData(@"a\tb", "atb")]
    [InlineData("\"a\\tb\"", @"a\tb")]
    [InlineData("\"a\\\\b\"", @"a\b")]
    [InlineData("'a\\\\b'", @"a\\b")]
    [InlineData(@"end\", "end")]
    [InlineData(@"end\\", @"end\")]
    [InlineData("\"say 'x'\"", "say 'x'")]
    [InlineData("'say \"x\"'", "say \"x\"")]
    [InlineData("$.", "$.")]
    [InlineData("a$", "a$")]
    [InlineData("$HOME", "/root")]
    [InlineData("x$HOME.y", "x/root.y")]
    [InlineData("${HOME}y", "/rooty")]
    [InlineData("$UNSET", "")]
    [InlineData("x${UNSET}y", "xy")]
    [InlineData(@"\$HOME", "$HOME")]
    [InlineData(@"\\$HOME", @"\/root")]
    [InlineData("'$HOME'", "$HOME")]
    [InlineData("\"$HOME\"", "/root")]
    [InlineData("\"\\$HOME\"", "$HOME")]
    [InlineData("\"'$HOME'\"", "'/root'")]
    [InlineData(@"\${}", "${}")]
    [InlineData("${UNSET:-x}", "x")]
    [InlineData("${UNSET-x}", "x")]
    [InlineData("${EMPTY:-x}", "x")]
    [InlineData("${EMPTY-x}", "")]
    [InlineData("${HOME:-x}", "/root")]
    [InlineData("${UNSET:+x}", "")]
    [InlineData("${UNSET+x}", "")]
    [InlineData("${EMPTY:+x}", "")]
    [InlineData("${EMPTY+x}", "x")]
    [InlineData("${HOME:+x}", "x")]
    [InlineData("${HOME?gone}", "/root")]
    [InlineData("${EMPTY?gone}", "")]
    [InlineData("${UNSET:-$HOME}", "/root")]
    [InlineData("${UNSET:-${NONE:-${HOME}}}z", "/rootz")]
    [InlineData("${UNSET:-a b}", "a b")]
    [InlineData(@"${UNSET:-\$HOME}", "$HOME")]
    [InlineData("${HOME}}", "/root}")]
    [InlineData("${HOME:+${SHELL}:}x", "bash:x")]
    [InlineData("${PATHNAME#*/}", "lib/x86/libc.so.6")]
    [InlineData("${PATHNAME##*/}", "libc.so.6")]
    [InlineData("${PATHNAME%.*}", "usr/lib/x86/libc.so")]
    [InlineData("${PATHNAME%%.*}", "usr/lib/x86/libc")]
    [InlineData("${PATHNAME#lib}", "usr/lib/x86/libc.so.6")]
    [InlineData("${PATHNAME#???}", "/lib/x86/libc.so.6")]
    [InlineData("${PATHNAME%/*/*}", "usr/lib")]
    [InlineData("${PATHNAME/lib/bin}", "usr/bin/x86/libc.so.6")]
    [InlineData("${PATHNAME//lib/bin}", "usr/bin/x86/binc.so.6")]
    [InlineData("${PATHNAME/l*c/X}", "usr/X.so.6")]
    [InlineData("${PATHNAME//\\//-}", "usr-lib-x86-libc.so.6")]
    [InlineData("${PATHNAME//[a-z]/X}", "usr/lib/x86/libc.so.6")]
    [InlineData("${UNSET/a/b}", "")]
    [InlineData("$1x", "x")]
    [InlineData("$12x", "x")]
    [InlineData("${1:-b}a", "ba")]
    [InlineData("$@@", "@")]
    [InlineData("${@:-b}", "b")]
    [InlineData("${-:-b}", "b")]
    [InlineData("$$", "")]
    [InlineData("${#:+b}", "")]
    [InlineData("$MÄRZ.", "3.")]
    [InlineData("안녕${HOME}", "안녕/root")]
    [InlineData("a<<b", "a<<b")]
    public void A_word_is_what_Docker_makes_of_it(string text, string expected) => Assert.Equal(expected, Lexer().Word(text));

    [Theory]
    [InlineData("it's", 2)]
    [InlineData("a\"b", 1)]
    [InlineData("\"b\\\"", 0)]
    [InlineData("x${", 1)]
    [InlineData("${HOME", 0)]
    [InlineData("${}", 0)]
    [InlineData("${:x}", 0)]
    [InlineData("${{x}", 0)]
    [InlineData("${.}", 0)]
    [InlineData("${HOME:=x}", 0)]
    [InlineData("${HOME:x}", 0)]
    [InlineData("${HOME:#x}", 0)]
    [InlineData("${UNSET?}", 0)]
    [InlineData("ab${EMPTY:?no}", 2)]
    [InlineData("${HOME/a}", 9)]
    public void What_is_no_word_is_told_with_its_place(string text, int offset) =>
        Assert.Equal(offset, Assert.Throws<WordException>(() => Lexer().Word(text)).Offset);

    [Theory]
    [InlineData("${UNSET?is needed}", "UNSET: is needed")]
    [InlineData("${UNSET:?}", "UNSET: is not set, and has to be")]
    [InlineData("${EMPTY:?}", "EMPTY: is empty, and may not be")]
    public void A_variable_that_has_to_be_set_is_told_as_the_author_wants(string text, string message) =>
        Assert.Equal(message, Assert.Throws<WordException>(() => Lexer().Word(text)).Message);

    [Theory]
    [InlineData("a  b\tc", new[] { "a", "b", "c" })]
    [InlineData("'a b' c", new[] { "a b", "c" })]
    [InlineData("a\\ b c", new[] { "a b", "c" })]
    [InlineData("$SPACED", new[] { "a", "b" })]
    [InlineData("\"$SPACED\"", new[] { "a  b" })]
    [InlineData("x$EMPTY", new[] { "x" })]
    [InlineData("$EMPTY", new string[0])]
    [InlineData("'' a", new[] { "", "a" })]
    public void Words_are_parted_by_spaces_that_are_not_quoted(string text, string[] expected) => Assert.Equal(expected, Lexer().Words(text));

    [Fact]
    public void Another_escape_character_leaves_the_backslash_alone() =>
        Assert.Equal(@"c:\x $HOME", new ShellWords('`', Find).Word(@"c:\x `$HOME"));

    [Fact]
    public void Nesting_without_end_and_words_without_end_are_refused()
    {
        string nested = string.Concat(Enumerable.Repeat("${UNSET:-", 10_000));
        Assert.Contains("nested", Assert.Throws<WordException>(() => Lexer().Word(nested)).Message, StringComparison.Ordinal);
        string half = new('x', 1 << 19);
        Assert.Contains("longer", Assert.Throws<WordException>(() => new ShellWords('\\', _ => half).Word("$a$a$a")).Message, StringComparison.Ordinal);
        Assert.Contains("too long", Assert.Throws<WordException>(() => new ShellWords('\\', _ => half).Word("${a//x/y}")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_the_text_it_is_a_word_or_a_told_error() => Gen.OneOf(Gen.String, Gen.String["${}:-+?#%/\\'\"<AB ab"]).Sample(text =>
    {
        try
        {
            _ = Lexer().Word(text);
            _ = Lexer().Words(text);
        }
        catch (WordException e)
        {
            Assert.InRange(e.Offset, 0, text.Length);
        }
    }, iter: 20_000);

    [Fact]
    public void Text_in_single_quotes_is_itself() => Gen.String.Where(t => !t.Contains('\'')).Sample(text => Lexer().Word($"'{text}'") == text);

    private static ShellWords Lexer() => new('\\', Find);

    private static string? Find(string name) => Variables.GetValueOrDefault(name);
}
