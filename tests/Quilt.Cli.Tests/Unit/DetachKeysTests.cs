using System.Text;
using Quilt.Core;

namespace Quilt.Cli.Tests;

public sealed class DetachKeysTests
{
    [Theory]
    [InlineData("ctrl-p,ctrl-q", "ab\u0010\u0011cd", "ab", true)]
    [InlineData("ctrl-p,ctrl-q", "a\u0010b\u0011", "a\u0010b\u0011", false)]
    [InlineData("ctrl-p,ctrl-q", "\u0010\u0010\u0011", "\u0010", true)]
    [InlineData("ctrl-p,ctrl-q", "a\u0010", "a", false)]
    [InlineData("a,a,b", "aaab", "a", true)]
    [InlineData("a,b,a,c", "abababac", "abab", true)]
    [InlineData("a,b,a,c", "abaab", "aba", false)]
    [InlineData("ctrl-@", "x\0", "x", true)]
    [InlineData("CTRL-[", "\u001b", "", true)]
    [InlineData("q", "grün", "grün", false)]
    public void What_is_not_the_whole_sequence_is_the_commands(string keys, string typed, string passed, bool all)
    {
        // However the keys come: at once, and one by one.
        DetachKeys at = DetachKeys.Parse(keys, "--detach-keys")!;
        Assert.Equal((passed, all), (Encoding.UTF8.GetString(at.Filter(Encoding.UTF8.GetBytes(typed), out bool atOnce).Span), atOnce));
        DetachKeys singly = DetachKeys.Parse(keys, "--detach-keys")!;
        List<byte> came = [];
        bool ended = false;
        foreach (byte key in Encoding.UTF8.GetBytes(typed).TakeWhile(_ => !ended))
        {
            came.AddRange(singly.Filter([key], out ended).Span);
        }

        Assert.Equal((passed, all), (Encoding.UTF8.GetString([.. came]), ended));
    }

    [Theory]
    [InlineData("ctrl-p,", "''")]
    [InlineData("ctrl-pq", "'ctrl-pq'")]
    [InlineData("ctrl-1", "'ctrl-1'")]
    [InlineData("ctrl-", "'ctrl-'")]
    [InlineData("ü", "'ü'")]
    public void A_key_that_there_is_not_is_named(string keys, string named)
    {
        QuiltException refused = Assert.Throws<QuiltException>(() => DetachKeys.Parse(keys, "--detach-keys"));
        Assert.Equal("--detach-keys", refused.Field);
        Assert.Contains($"'{keys}' has no such key: {named}", refused.Message, StringComparison.Ordinal);
        Assert.Contains(DetachKeys.Usual, refused.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void None_are_none() => Assert.Null(DetachKeys.Parse("", "--detach-keys"));
}
