using Quilt.Core;
using Quilt.Storage;
using Quilt.Testing;
using Xunit;

namespace Quilt.Aria.Tests;

public sealed class IdempotencyTests : IDisposable
{
    private static readonly Agent Builder = new("0123456789abcdef", "builder", Agent.Operator, new AgentConfig(), default);
    private static readonly Agent Other = new("fedcba9876543210", "other", Agent.Operator, new AgentConfig(), default);
    private readonly TemporaryFolder _folder = new();
    private readonly Database _database;
    private readonly SetTime _time = new();
    private readonly Idempotency _idempotency;
    private int _calls;

    public IdempotencyTests()
    {
        _database = Database.Open(_folder["db"]);
        _database.Migrate(AriaMigrations.Part, AriaMigrations.Steps);
        _idempotency = new Idempotency(_database, _time);
    }

    public void Dispose()
    {
        _database.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task An_outcome_is_forgotten_after_a_day_while_the_daemon_runs()
    {
        await Call(Builder, "first");
        _time.Now += TimeSpan.FromHours(23);
        Assert.Equal("1", await Call(Builder, "first"));
        _time.Now += TimeSpan.FromHours(2);
        await Call(Builder, "second");
        Assert.Equal(1, Rows());
        Assert.Equal("3", await Call(Builder, "first"));
    }

    [Fact]
    public async Task An_outcome_that_is_too_long_is_not_kept_and_its_call_is_not_done_twice()
    {
        string most = new('x', Idempotency.LongestOutcome);
        Assert.Equal(most, await Call(Builder, "fits", most));
        Assert.Equal(most, await Call(Builder, "fits", most));
        Assert.Equal(1, _calls);

        await Call(Builder, "long", most + "x");
        QuiltException refused = await Assert.ThrowsAsync<QuiltException>(() => Call(Builder, "long", most + "x"));
        Assert.Equal((ErrorCode.FailedPrecondition, "idempotencyKey"), (refused.Code, refused.Field));
        Assert.Contains("was done", refused.Message, StringComparison.Ordinal);
        Assert.Equal(2, _calls);

        // Also by the daemon after.
        Idempotency next = new(_database, _time);
        Assert.Equal(ErrorCode.FailedPrecondition, (await Assert.ThrowsAsync<QuiltException>(() => next.RunAsync(Builder, "long", Tool, "{}", Text, () => Task.FromResult(""), default))).Code);
    }

    [Fact]
    public async Task An_agent_with_too_many_keys_loses_its_own_oldest()
    {
        await Call(Other, "of another");
        for (int i = 0; i < Idempotency.MostKeys + 600; i++)
        {
            await Call(Builder, $"key {i}");
        }

        Assert.InRange(Rows(), Idempotency.MostKeys, Idempotency.MostKeys + 300);
        int before = _calls;
        await Call(Other, "of another");
        await Call(Builder, $"key {Idempotency.MostKeys + 599}");
        Assert.Equal(before, _calls);
        await Call(Builder, "key 0");
        Assert.Equal(before + 1, _calls);
    }

    [Fact]
    public async Task Outcomes_that_are_too_many_bytes_push_out_the_oldest()
    {
        string outcome = new('x', Idempotency.LongestOutcome);
        for (int i = 0; i < 600; i++)
        {
            await Call(Builder, $"key {i}", outcome);
        }

        Assert.InRange(Rows(), 256, 512);
        await Call(Builder, "key 599", outcome);
        Assert.Equal(600, _calls);
    }

    [Fact]
    public async Task An_answer_with_a_secret_is_kept_nowhere()
    {
        ToolDefinition secret = Tool with { AnswersSecret = true };
        Assert.Equal("quilt_secret", await _idempotency.RunAsync(Builder, "token", secret, "{}", Text, () => Task.FromResult("quilt_secret"), default));
        Assert.DoesNotContain(_database.Read("SELECT outcome FROM idempotency", row => row.IsDBNull(0) ? "" : row.GetString(0)), o => o.Contains("secret", StringComparison.Ordinal));
        QuiltException again = await Assert.ThrowsAsync<QuiltException>(() => _idempotency.RunAsync(Builder, "token", secret, "{}", Text, () => Task.FromResult("another"), default));
        Assert.Equal(ErrorCode.FailedPrecondition, again.Code);
        Assert.Contains("held a secret", again.Message, StringComparison.Ordinal);
    }

    private static ToolDefinition Tool { get; } = new("tool") { Title = "", Description = "" };

    private static Codec<string> Text { get; } = new(text => text, text => text);

    /// <summary>Each call is a moment after the one before.</summary>
    private Task<string> Call(Agent agent, string key, string? outcome = null)
    {
        _time.Now += TimeSpan.FromTicks(1);
        return _idempotency.RunAsync(agent, key, Tool, "{}", Text, () => Task.FromResult(++_calls is var n && outcome is null ? $"{n}" : outcome), default);
    }

    private long Rows() => _database.Read("SELECT count(*) FROM idempotency", row => row.GetInt64(0))[0];

    private sealed class SetTime : TimeProvider
    {
        internal DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
