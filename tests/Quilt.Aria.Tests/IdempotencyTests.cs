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

    [Fact]
    public async Task What_was_cancelled_may_have_been_done_and_is_not_done_again()
    {
        await Assert.ThrowsAsync<OperationCanceledException>(() => _idempotency.RunAsync<string>(Builder, "cancelled", Tool, "{}", Text, () => throw new OperationCanceledException(), default));
        QuiltException again = await Assert.ThrowsAsync<QuiltException>(() => Call(Builder, "cancelled"));
        Assert.Equal((ErrorCode.Aborted, "idempotencyKey"), (again.Code, again.Field));
        Assert.Equal(0, _calls);
    }

    [Fact]
    public async Task What_failed_changed_nothing_and_is_done_anew()
    {
        await Assert.ThrowsAsync<IOException>(() => _idempotency.RunAsync<string>(Builder, "failed", Tool, "{}", Text, () => throw new IOException(), default));
        Assert.Equal("1", await Call(Builder, "failed"));
    }

    [Fact]
    public async Task What_was_done_is_told_and_not_done_again_where_there_was_no_space_to_keep_its_answer()
    {
        using SmallDisk disk = new(megabytes: 4);
        using Database full = Database.Open(Path.Combine(disk.Path, "db"));
        full.Migrate(AriaMigrations.Part, AriaMigrations.Steps);
        Idempotency idempotency = new(full, _time);
        Assert.Equal("done", await idempotency.RunAsync(Builder, "key", Tool, "{}", Text, Fill, default));
        disk.Free();
        QuiltException again = await Assert.ThrowsAsync<QuiltException>(() => idempotency.RunAsync(Builder, "key", Tool, "{}", Text, Fill, default));
        Assert.Equal(ErrorCode.Aborted, again.Code);

        Task<string> Fill()
        {
            disk.Fill();
            return Task.FromResult("done");
        }
    }

    [Fact]
    public async Task Of_many_calls_with_one_key_one_is_made_at_a_time_however_they_end()
    {
        int running = 0;
        await Task.WhenAll(Enumerable.Range(0, 400).Select(_ => Task.Run(async () =>
        {
            try
            {
                await _idempotency.RunAsync<string>(
                    Builder, "key", Tool, "{}", Text,
                    async () =>
                    {
                        Assert.Equal(1, Interlocked.Increment(ref running));
                        await Task.Yield();
                        Interlocked.Decrement(ref running);
                        throw new IOException();
                    },
                    default);
            }
            catch (IOException)
            {
                // It failed, and the next one tries anew.
            }
        })));
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
}
