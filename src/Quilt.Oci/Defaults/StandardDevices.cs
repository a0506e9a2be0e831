namespace Quilt.Oci;

/// <summary>The devices a container may use: null, zero, full, random, urandom, tty, console, ptmx and its pseudo-terminals.</summary>
public static class StandardDevices
{
    public static IReadOnlyList<OciDeviceRule> Allowed { get; } =
    [
        Character(1, 3), Character(1, 5), Character(1, 7), Character(1, 8), Character(1, 9), Character(5, 0), Character(5, 1), Character(5, 2),
        new(true) { Type = "c", Major = 136, Access = "rwm" },
    ];

    /// <summary>Making, and no more, of any device.</summary>
    public static IReadOnlyList<OciDeviceRule> Making { get; } = [new(true) { Type = "c", Access = "m" }, new(true) { Type = "b", Access = "m" }];

    private static OciDeviceRule Character(long major, long minor) => new(true) { Type = "c", Major = major, Minor = minor, Access = "rwm" };
}
