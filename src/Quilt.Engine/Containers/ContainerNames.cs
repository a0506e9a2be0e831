using System.Security.Cryptography;
using Quilt.Core;

namespace Quilt.Engine;

/// <summary>Names for containers that were given none: easy to say, and from the field of quilts.</summary>
internal static class ContainerNames
{
    private static readonly string[] Adjectives =
    [
        "amber", "brisk", "calm", "crimson", "deft", "dusky", "eager", "fair", "fleet", "gentle", "golden", "hardy", "ivory", "jade", "keen", "lively",
        "lunar", "mellow", "neat", "nimble", "olive", "plain", "proud", "quick", "quiet", "rosy", "sage", "silver", "snug", "solid", "sunny", "swift",
        "tidy", "umber", "vivid", "warm", "woven", "young",
    ];

    private static readonly string[] Nouns =
    [
        "basket", "batting", "bobbin", "border", "braid", "button", "chevron", "cotton", "diamond", "felt", "fringe", "hem", "knot", "lace",
        "lattice", "linen", "loom", "medallion", "needle", "patch", "pinwheel", "pleat", "ribbon", "sash", "seam", "shuttle", "spindle", "spool", "star",
        "stitch", "tassel", "thimble", "thread", "twill", "weave", "yarn", "yoke",
    ];

    internal static ContainerName MakeUp()
    {
        string digits = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(2));
        return ContainerName.Parse($"{Pick(Adjectives)}-{Pick(Nouns)}-{digits}");
    }

    private static string Pick(string[] words) => words[RandomNumberGenerator.GetInt32(words.Length)];
}
