using Quilt.Linux;

namespace Quilt.Images.Tests;

/// <summary>Names that are no UTF-8. The first two are one to whoever makes U+FFFD of what is none.</summary>
internal static class TestNames
{
    internal static readonly string Odd = FileName.FromBytes([(byte)'o', 0xFF]), OddOther = FileName.FromBytes([(byte)'o', 0xFE]);

    /// <summary>More than fits into a header, and of as many bytes as a name can have.</summary>
    internal static readonly string OddLong = FileName.FromBytes([.. Enumerable.Repeat((byte)0xE9, 255)]);

    /// <summary>What a careless reader of UTF-8 takes for <c>..</c> and <c>/</c>.</summary>
    internal static readonly string OverlongParent = FileName.FromBytes([0xC0, 0xAE, 0xC0, 0xAE]), OverlongSlash = FileName.FromBytes([(byte)'a', 0xC0, 0xAF, (byte)'b']);
}
