using CsCheck;

namespace Quilt.Build.Tests.Fixtures;

internal static class Pick
{
    /// <summary>One of some texts.</summary>
    internal static Gen<string> From(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);
}
