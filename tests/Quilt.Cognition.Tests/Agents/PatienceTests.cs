using Quilt.Cognition.Tests.Providers;
using Quilt.Core;

namespace Quilt.Cognition.Tests.Agents;

/// <summary>How long a run waits for a provider that fails, by a clock on which every wait is over at once.</summary>
public sealed class PatienceTests
{
    private static readonly Reply Call = Wire.Calls(("none", "{}"));
    private readonly HurriedTime _time = new();
    private readonly List<AgentEvent.Delayed> _delays = [];

    [Fact]
    public async Task A_request_is_repeated_after_what_the_provider_asks_for()
    {
        Reply busy = Wire.Error("openai", 429, "slowly") with { Headers = new Dictionary<string, string> { ["Retry-After"] = "20" } };
        await using ProviderServer model = await ProviderServer.Start(Call, busy, busy, Wire.Text("openai", "done"));
        Assert.Equal("done", await Run(model.Address));
        Assert.Equal([TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(20)], _delays.Select(d => d.Pause));
        Assert.Contains("slowly", _delays[0].Reason, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(40), _time.Waited);
    }

    [Fact]
    public async Task One_that_fails_for_a_quarter_of_an_hour_ends_the_run()
    {
        await using ProviderServer model = await ProviderServer.Start(Call, Wire.Error("openai", 503, "down"));
        Assert.Equal(ErrorCode.Unavailable, (await Assert.ThrowsAsync<QuiltException>(() => Run(model.Address))).Code);
        Assert.InRange(_time.Waited, TimeSpan.FromMinutes(14), TimeSpan.FromMinutes(15));
        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60], _delays.Take(8).Select(d => d.Pause.TotalSeconds));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(404)]
    public async Task What_will_not_pass_is_not_repeated(int status)
    {
        await using ProviderServer model = await ProviderServer.Start(Call, Wire.Error("openai", status, "no"));
        await Assert.ThrowsAsync<QuiltException>(() => Run(model.Address));
        Assert.Empty(_delays);
    }

    /// <summary>It is told at once where the configuration is wrong.</summary>
    [Fact]
    public async Task Nobody_at_the_address_from_the_beginning_is_told_at_once()
    {
        await Assert.ThrowsAsync<QuiltException>(() => Run("http://127.0.0.1:1"));
        Assert.Empty(_delays);
    }

    private async Task<string> Run(string address)
    {
        using KeyFile file = new(Wire.Key);
        using AgentLoop loop = new(
            "tester", Wire.Config("openai", address), ApiKey.Read(file.Path, null, "model"), "", [], new AgentBudget(10, null), new Secrets(), Tell, _time);
        return await loop.RunAsync("Do it.", TestContext.Current.CancellationToken);
    }

    private void Tell(AgentEvent happened)
    {
        if (happened is AgentEvent.Delayed delayed)
        {
            _delays.Add(delayed);
        }
    }

    private sealed class HurriedTime : TimeProvider
    {
        public TimeSpan Waited { get; private set; }
        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Waited.Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Waited += dueTime;
            return base.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
