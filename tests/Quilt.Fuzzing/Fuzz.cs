using System.Globalization;
using System.Runtime.CompilerServices;
using CsCheck;
using Quilt.Fuzzing.Guidance;
using Xunit;

namespace Quilt.Fuzzing;

/// <summary>Runs a property on inputs that nobody meant. What fails is shrunk, and printed with the seed that makes it again.</summary>
public static class Fuzz
{
    private const string Duration = "QUILT_FUZZ_SECONDS";

    /// <summary>In bytes: what reading a small input may allocate in all, garbage included.</summary>
    public const long SmallWork = 64 << 20;

    /// <summary>0: as many inputs as the test says; else for so many seconds.</summary>
    private static readonly int Seconds = int.TryParse(Environment.GetEnvironmentVariable(Duration), NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) ? seconds : 0;

    /// <param name="iterations">Of a usual run; few enough for a second.</param>
    /// <param name="file">The compiler's, and with <paramref name="method"/> the name of it, by which tests/fuzz.sh finds it again.</param>
    /// <param name="method">The compiler's.</param>
    public static void Run<T>(Gen<T> inputs, Action<T> property, long iterations = 2000, [CallerFilePath] string file = "", [CallerMemberName] string method = "")
    {
        if (Guide.IsAsked)
        {
            Guide.Run($"{Path.GetFileNameWithoutExtension(file)}.{method}", inputs, property, TimeSpan.FromSeconds(Seconds));
            return;
        }

        Func<T, string>? print = typeof(T) == typeof(byte[]) ? input => Convert.ToBase64String((byte[])(object)input!) : null;
        if (Seconds > 0)
        {
            inputs.Sample(property, time: Seconds, threads: 1, print: print);
        }
        else
        {
            inputs.Sample(property, iter: iterations, threads: 1, print: print);
        }
    }

    /// <summary>Fails where the reading allocates more than it may; what else it throws is the caller's to judge.</summary>
    public static void Bounded(Action read, long bytes = SmallWork)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            read();
        }
        finally
        {
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, bytes);
        }
    }
}
