using Microsoft.Extensions.Logging.Abstractions;
using Quilt.Core;
using Quilt.Storage;
using Quilt.Testing;
using Xunit;

namespace Quilt.Aria.Tests;

public sealed class DashboardLinksTests : IDisposable
{
    private static readonly TimeSpan TtlOfToken = TimeSpan.FromHours(12);
    private readonly TemporaryFolder _folder = new();
    private readonly SetTime _time = new() { Now = DateTimeOffset.UtcNow };
    private readonly Database _database;
    private readonly TokenStore _tokens;
    private readonly DashboardLinks _links;

    public DashboardLinksTests()
    {
        _database = Database.Open(_folder["db"]);
        _database.Write(writer => writer.Run("CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT")); // the engine's
        _database.Migrate(AriaMigrations.Part, AriaMigrations.Steps);
        _tokens = new TokenStore(_database, null!); // links of the operator ask for no agent
        _links = new DashboardLinks(_tokens, null!, _time, NullLogger<DashboardLinks>.Instance);
    }

    public void Dispose()
    {
        _database.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_code_gives_its_token_within_a_minute()
    {
        (Token token, string code) = Make();
        _time.Now += TimeSpan.FromSeconds(59);
        string secret = _links.Exchange(code);
        Assert.NotEqual(code, secret);
        using TokenHold hold = _tokens.Hold(secret, default);
        Assert.Contains(token, _tokens.Of(Agent.Operator));
    }

    [Fact]
    public void A_code_that_is_older_gives_nothing()
    {
        (_, string code) = Make();
        _time.Now += TimeSpan.FromSeconds(60);
        QuiltException refused = Assert.Throws<QuiltException>(() => _links.Exchange(code));
        Assert.Equal(ErrorCode.Unauthenticated, refused.Code);
        Assert.Contains("older than 1m", refused.Message, StringComparison.Ordinal);
        Assert.Contains("quilt dashboard", refused.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_many_who_bring_a_code_at_once_one_has_the_token_and_then_nobody()
    {
        (Token token, string code) = Make();
        string?[] got = new string?[16];
        Parallel.For(0, got.Length, i =>
        {
            try
            {
                got[i] = _links.Exchange(code);
            }
            catch (QuiltException)
            {
                // Another was quicker.
            }
        });
        string secret = Assert.Single(got.OfType<string>());
        Assert.Equal(ErrorCode.Unauthenticated, Assert.Throws<QuiltException>(() => _tokens.Hold(secret, default)).Code);
        Assert.DoesNotContain(_tokens.Of(Agent.Operator), t => t.Id == token.Id);
    }

    [Fact]
    public void What_is_open_with_the_token_ends_when_somebody_comes_second()
    {
        (_, string code) = Make();
        using TokenHold hold = _tokens.Hold(_links.Exchange(code), default);
        Assert.Throws<QuiltException>(() => _links.Exchange(code));
        Assert.True(hold.Over.WaitHandle.WaitOne(TimeSpan.FromSeconds(60)));
        Assert.True(hold.TokenEnded);
    }

    [Fact]
    public void Neither_the_token_nor_the_code_is_on_the_disk()
    {
        _links.Exchange(Make().Code);
        Assert.Equal(0, _database.Read("SELECT count(*) FROM token", row => row.GetInt64(0))[0]);
    }

    [Fact]
    public void What_nobody_opened_in_time_takes_no_place()
    {
        (Token unopened, _) = Make();
        (Token opened, string code) = Make();
        _links.Exchange(code);
        _time.Now += TimeSpan.FromSeconds(60);
        (Token next, _) = Make();
        Assert.Equal([opened.Id, next.Id], _tokens.Of(Agent.Operator).Select(t => t.Id).Intersect([unopened.Id, opened.Id, next.Id]));
    }

    private (Token Token, string Code) Make() => _links.Make(Agent.Operator, TtlOfToken);
}
