using System.Text.Json;
using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Bench.Engines;
using Quilt.Bench.Results;
using Quilt.Bench.Statistics;

namespace Quilt.Bench.Scenarios;

/// <summary>
/// What the execution engine adds to a call: one that does next to nothing else, an agent's with a token and limits, against one that
/// does not pass it.
/// </summary>
internal sealed class EngineScenario : IScenario
{
    private const string Plain = "no engine";

    public string Name => "engine";

    public async Task<IReadOnlyList<Measurement>> RunAsync(Bench bench, CancellationToken cancel)
    {
        if (bench.Quilt?.Engines[0] is not QuiltEngine engine)
        {
            return [];
        }

        string name = bench.NextName();
        Metadata headers = new() { { "authorization", $"Bearer {await AgentAsync(engine, name, cancel)}" } };
        await engine.Client.CreateContainerAsync(new CreateContainerRequest { Spec = new ContainerSpec { Name = name, Resources = new Resources { MemoryBytes = 64 << 20 } } }, headers, cancellationToken: cancel);
        try
        {
            IReadOnlyList<Samples> sides = await Interleaving.RunAsync(
                [
                    new Contender(QuiltEngine.SideName, token => Interleaving.TimeAsync(async () => await engine.Client.GetContainerAsync(new ContainerRequest { Container = name }, headers, cancellationToken: token))),
                    new Contender(Plain, token => Interleaving.TimeAsync(async () => await engine.Client.GetVersionAsync(new GetVersionRequest(), cancellationToken: token))),
                ],
                bench.Rounds with { Counted = bench.Rounds.Counted * 4 }, cancel);
            return [new Measurement(Name, "call through the execution engine", "ms", sides) { Budget = new Budget.Beyond(0.3, Plain), Note = "authenticated, authorized, counted and audited" }];
        }
        finally
        {
            await engine.CallToolAsync("removeAgent", new { agent = name, force = true }, CancellationToken.None);
        }
    }

    private static async Task<string> AgentAsync(QuiltEngine engine, string name, CancellationToken cancel) =>
        JsonDocument.Parse(await engine.CallToolAsync("createAgent", new { name, config = new { grant = new { limits = new { containers = 10, memory = "1GiB", execs = 10 } } } }, cancel))
            .RootElement.GetProperty("token").GetString()!;
}
