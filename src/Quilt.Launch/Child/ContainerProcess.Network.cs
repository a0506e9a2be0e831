namespace Quilt.Launch.Child;

internal static unsafe partial class ContainerProcess
{
    /// <summary>A new network namespace has a loopback that is down (network_namespaces(7)); the container's own is to be used.</summary>
    private static void RaiseLoopback(ChildProgram* program)
    {
        if (program->NewNetworkNamespace == 0)
        {
            return;
        }

        const int inet = 2, datagram = 2, closeOnExec = 0x80000, setFlags = 0x8914, requestSize = 40; // SIOCSIFFLAGS, struct ifreq: netdevice(7)
        int socket = (int)Raw.Call(SyscallNumbers.Socket, inet, datagram | closeOnExec);
        Check(program, socket, LaunchStage.Loopback);
        byte* request = stackalloc byte[requestSize];
        for (int i = 0; i < requestSize; i++)
        {
            request[i] = 0;
        }

        (request[0], request[1]) = ((byte)'l', (byte)'o');
        const short up = 1;
        *(short*)(request + 16) = up;
        Check(program, Raw.Call(SyscallNumbers.Ioctl, socket, setFlags, (nint)request), LaunchStage.Loopback);
        Raw.Close(socket);
    }
}
