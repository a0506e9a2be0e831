using System.Globalization;
using System.Text.Json;
using Quilt.Bench.Engines;
using Quilt.Bench.Peers;
using Quilt.Bench.Processes;

namespace Quilt.Bench.Traffic;

/// <summary>
/// iperf3 between two containers: its server in the one's network namespace, its client in the other's. It is the host's, and on no side confined
/// but by the network: so the sides differ in the packets' way alone.
/// </summary>
internal sealed class Iperf : IAsyncDisposable
{
    public const int Port = 5201;
    private const int Kill = 9, Glances = 500;
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(10);

    private readonly string _nsenter, _iperf, _output;
    private readonly Place _client, _server;
    private readonly Child _child;

    private Iperf(string nsenter, string iperf, Place client, Place server, string output)
    {
        (_nsenter, _iperf, _client, _server, _output) = (nsenter, iperf, client, server, output);
        _child = Child.Start(nsenter, [NamespaceOf(server), iperf, "--server"], "/dev/null", output + ".server.err");
    }

    /// <param name="output">What it prints goes to files of this beginning.</param>
    /// <exception cref="BenchException">It is not installed, or does not listen.</exception>
    public static async Task<Iperf> StartAsync(Place client, Place server, string output, CancellationToken cancel)
    {
        string iperf = Programs.Find("iperf3") ?? throw new BenchException("iperf3 is not installed: apt-get install iperf3");
        string nsenter = Programs.Find("nsenter") ?? throw new BenchException("nsenter is not installed: apt-get install util-linux");
        Iperf started = new(nsenter, iperf, client, server, output);
        for (int glance = 0; glance < Glances; glance++)
        {
            if (IsHeard(server.Pid))
            {
                return started;
            }

            await Task.Delay(Glance, cancel);
        }

        await started.DisposeAsync();
        throw new BenchException($"'iperf3 --server' does not listen: {File.ReadAllText(output + ".server.err").Trim()}");
    }

    /// <returns>Gbit/s that arrived, over one TCP connection.</returns>
    public double Measure(TimeSpan time)
    {
        string seconds = Math.Max(1, Math.Ceiling(time.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        int status = Child.Start(_nsenter, [NamespaceOf(_client), _iperf, "--client", $"{_server.Address}", "--time", seconds, "--json"], _output, _output + ".err").Wait();
        using JsonDocument result = JsonDocument.Parse(File.ReadAllText(_output));
        return status == 0
            ? result.RootElement.GetProperty("end").GetProperty("sum_received").GetProperty("bits_per_second").GetDouble() / 1e9
            : throw new BenchException($"iperf3: {(result.RootElement.TryGetProperty("error", out JsonElement error) ? error.GetString() : File.ReadAllText(_output + ".err").Trim())}");
    }

    public ValueTask DisposeAsync()
    {
        _ = LibC.kill(_child.Pid, Kill);
        _child.Wait();
        return ValueTask.CompletedTask;
    }

    private static string NamespaceOf(Place place) => $"--net=/proc/{place.Pid}/ns/net";

    /// <summary>Whether somebody listens on the port in a process's network namespace.</summary>
    private static bool IsHeard(int pid)
    {
        const string listening = "0A";
        string port = Port.ToString("X4", CultureInfo.InvariantCulture);
        return ((string[])["tcp", "tcp6"]).Select(family => $"/proc/{pid}/net/{family}").Where(File.Exists).SelectMany(File.ReadLines)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Any(fields => fields is [_, var local, _, listening, ..] && local.EndsWith(port, StringComparison.Ordinal));
    }
}
