using System.Globalization;

namespace Quilt.Soak.Tests;

/// <summary>How long and how: from the environment, so that the short and the long form are the same tests. See docs/testing.md.</summary>
internal static class SoakOptions
{
    private const int Short = 120;

    /// <summary>Lifecycles of all parts together; the short form's where none are asked for.</summary>
    internal static int Lifecycles { get; } = Number("QUILT_SOAK_LIFECYCLES", Short);

    /// <summary>Of everything that is chosen at random. What the kernel and other processes do beside it is not in it.</summary>
    internal static int Seed { get; } = Number("QUILT_SOAK_SEED", Random.Shared.Next());

    /// <summary>How many work at once.</summary>
    internal static int Clients { get; } = Number("QUILT_SOAK_CLIENTS", 6);

    /// <summary>After so many lifecycles everything is counted.</summary>
    internal static int Between { get; } = Number("QUILT_SOAK_BETWEEN", 500);

    /// <summary>Nobody else works on the host: also what nobody's name is on has to be as it was.</summary>
    internal static bool Alone { get; } = Environment.GetEnvironmentVariable("QUILT_SOAK_ALONE") == "1";

    /// <summary>Whether more than the short form is asked for.</summary>
    internal static bool IsLong => Lifecycles > Short;

    /// <summary>A part's share of all lifecycles.</summary>
    internal static int Share(double part) => (int)Math.Ceiling(Lifecycles * part);

    private static int Number(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is not { Length: > 0 } text ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number
        : throw new InvalidOperationException($"{name} is '{text}' and has to be a number");
}
