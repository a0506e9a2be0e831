using System.Runtime.ExceptionServices;

namespace Quilt.Linux;

/// <summary>
/// Does things in other network namespaces: only the calling thread joins one, so there is one thread for it that runs nothing else.
/// What it opens belongs to that namespace for good; a process that it starts lives in it.
/// </summary>
public static class NamespaceThread
{
    private static readonly Lock Turn = new();
    private static readonly SemaphoreSlim Asked = new(0), Answered = new(0);
    private static Thread? s_thread;
    private static Action? s_work;
    private static FileDescriptor? s_home;

    /// <exception cref="SyscallException">The namespace cannot be joined, or what the work threw.</exception>
    public static T Run<T>(FileDescriptor networkNamespace, Func<T> work)
    {
        T? result = default;
        ExceptionDispatchInfo? failure = null;
        lock (Turn)
        {
            FileDescriptor home = s_home ??= Sys.Open("/proc/self/ns/net", OpenMode.ReadOnly);
            s_work = () =>
            {
                try
                {
                    Sys.JoinNamespaces(networkNamespace, NamespaceKind.Network);
                    try
                    {
                        result = work();
                    }
                    finally
                    {
                        // As long as a thread is in a namespace, that does not go.
                        Sys.JoinNamespaces(home, NamespaceKind.Network);
                    }
                }
#pragma warning disable CA1031 // it is thrown where it was asked for
                catch (Exception e)
#pragma warning restore CA1031
                {
                    failure = ExceptionDispatchInfo.Capture(e);
                }
            };
            if (s_thread is null)
            {
                s_thread = new Thread(Work) { IsBackground = true, Name = "network namespaces" };
                s_thread.Start();
            }

            Asked.Release();
            Answered.Wait();
        }

        failure?.Throw();
        return result!;
    }

    private static void Work()
    {
        while (true)
        {
            Asked.Wait();
            s_work!();
            s_work = null;
            Answered.Release();
        }
    }
}
