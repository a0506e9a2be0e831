namespace Quilt.Bench.Processes;

/// <summary>Threads of one processor. On two, each waking of the other would count, which in a virtual machine takes many times as long as what is measured, or nothing: as the scheduler has it.</summary>
internal static unsafe class BoundThread
{
    private const int MaskBytes = 128, BitsOfByte = 8;

    // One that we may use, as we do.
    private static readonly int s_processor = LibC.sched_getcpu();

    public static Thread Start(string name, Action work)
    {
        Thread thread = new(() =>
        {
            Bind();
            work();
        })
        { IsBackground = true, Name = name };
        thread.Start();
        return thread;
    }

    /// <summary>Runs it to its end.</summary>
    public static T Run<T>(string name, Func<T> work)
    {
        T? result = default;
        Exception? failure = null;
        Start(name, () =>
        {
            try
            {
                result = work();
            }
            catch (Exception e)
            {
                failure = e;
            }
        }).Join();
        return failure is null ? result! : throw new BenchException(failure.Message);
    }

    private static void Bind()
    {
        byte* mask = stackalloc byte[MaskBytes];
        new Span<byte>(mask, MaskBytes).Clear();
        mask[s_processor / BitsOfByte] = (byte)(1 << (s_processor % BitsOfByte));
        if (LibC.sched_setaffinity(0, MaskBytes, mask) != 0)
        {
            throw new BenchException("sched_setaffinity failed");
        }
    }
}
