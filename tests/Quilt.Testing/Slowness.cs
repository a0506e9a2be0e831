using System.Globalization;

namespace Quilt.Testing;

/// <summary>How many times slower than usual this machine is, by QUILT_TEST_SLOWNESS as test.sh takes it, such as one that is emulated.</summary>
public static class Slowness
{
    public static int Factor { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("QUILT_TEST_SLOWNESS"), NumberStyles.None, CultureInfo.InvariantCulture, out int factor) && factor is >= 1 and <= 99 ? factor : 1;
}
