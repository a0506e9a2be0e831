using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Quilt.Bench.Engines;
using Quilt.Bench.Processes;
using Quilt.Bench.Statistics;
using Quilt.Linux;

namespace Quilt.Bench.Traffic;

/// <summary>
/// A connection from one container to another over which a byte goes to and fro. The sockets belong to the containers' network namespaces, the threads at
/// their ends to us, both on one processor: nothing has to be in the containers, and the sides differ in the packets' way alone.
/// </summary>
internal sealed class RoundTrips : IDisposable
{
    public const int Port = 5202;

    private readonly Socket _asking, _answering;
    private readonly Thread _echo;

    public RoundTrips(Place client, Place server)
    {
        using Socket listener = OpenIn(server);
        listener.Bind(new IPEndPoint(IPAddress.Any, Port));
        listener.Listen();
        _asking = OpenIn(client);
        _asking.Connect(server.Address, Port);
        _answering = listener.Accept();
        _asking.NoDelay = _answering.NoDelay = true;
        _echo = BoundThread.Start("echo", Echo);
    }

    /// <returns>Microseconds from a byte's sending to its coming back, the p50 of so many.</returns>
    public double Measure(int count) => BoundThread.Run("asking", () => Ask(count));

    public void Dispose()
    {
        _asking.Dispose();
        _echo.Join();
        _answering.Dispose();
    }

    /// <summary>A socket stays in the network namespace it was made in.</summary>
    private static Socket OpenIn(Place place)
    {
        using FileDescriptor network = Sys.Open($"/proc/{place.Pid}/ns/net", OpenMode.ReadOnly);
        return NamespaceThread.Run(network, () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
    }

    private double Ask(int count)
    {
        Samples times = new("");
        Span<byte> byteToAndFro = stackalloc byte[1];
        for (int i = 0; i < count; i++)
        {
            long start = Stopwatch.GetTimestamp();
            _asking.Send(byteToAndFro);
            if (_asking.Receive(byteToAndFro) == 0)
            {
                throw new BenchException("the other end of the connection is gone");
            }

            times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }

        return times.P50;
    }

    private void Echo()
    {
        Span<byte> byteToAndFro = stackalloc byte[1];
        try
        {
            while (_answering.Receive(byteToAndFro) > 0)
            {
                _answering.Send(byteToAndFro);
            }
        }
        catch (SocketException)
        {
            // The asking end is told by its own reading.
        }
    }
}
