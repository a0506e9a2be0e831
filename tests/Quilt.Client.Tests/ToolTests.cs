using System.Text.Json;
using Microsoft.Extensions.AI;
using Quilt.Core;
using static Quilt.Client.Tests.Api;

namespace Quilt.Client.Tests;

public sealed class ToolTests(ClientFixture fixture)
{
    private readonly QuiltClient _client = fixture.Client;

    private sealed record Row(string Id, string Name, string State);

    private sealed record Rows(IReadOnlyList<Row> Containers);

    [Fact]
    public async Task The_tools_are_listed_with_their_schemas_and_by_scope_and_level()
    {
        IReadOnlyList<QuiltTool> all = await _client.ListToolsAsync(cancellationToken: Cancellation);
        QuiltTool exec = Assert.Single(all, t => t.Name == "execInContainer");
        Assert.Equal("object", exec.InputSchema.GetProperty("type").GetString());
        Assert.True(exec.InputSchema.GetProperty("properties").TryGetProperty("command", out _));
        IReadOnlyList<QuiltTool> safe = await _client.ListToolsAsync("primitive", "safe", Cancellation);
        Assert.NotEmpty(safe);
        Assert.All(safe, t => Assert.Equal(("primitive", "safe"), (t.Scope, t.Level)));
        Assert.True(safe.Count < all.Count);
    }

    [Fact]
    public async Task A_tool_is_called_with_types()
    {
        await using QuiltContainer container = await _client.Idle();
        Rows rows = await _client.CallToolAsync<Rows>("listContainers", new { name = container.Name }, cancellationToken: Cancellation);
        Assert.Equal((container.Id, "running"), (Assert.Single(rows.Containers).Id, rows.Containers[0].State));
    }

    [Fact]
    public async Task What_arguments_and_results_cannot_carry_goes_beside_the_call()
    {
        string saved = (await _client.CallToolAsync<JsonElement>("saveImage", new { images = new[] { "quilt/busybox" } }, cancellationToken: Cancellation)).GetProperty("downloadId").GetString()!;
        using MemoryStream archive = new();
        await _client.DownloadAsync(saved, archive, Cancellation);
        Assert.Equal(ErrorCode.NotFound, (await Assert.ThrowsAsync<QuiltException>(() => _client.DownloadAsync(saved, Stream.Null, Cancellation))).Code);
        archive.Position = 0;
        string upload = await _client.UploadAsync(archive, Cancellation);
        await _client.CallToolAsync<JsonElement>("importImage", new { archive = new { upload }, reference = "uploaded:1" }, cancellationToken: Cancellation);
        Assert.Equal(ErrorCode.NotFound, (await Assert.ThrowsAsync<QuiltException>(
            () => _client.CallToolAsync<JsonElement>("importImage", new { archive = new { upload }, reference = "uploaded:2" }, cancellationToken: Cancellation))).Code);
        await _client.CallToolAsync<JsonElement>("removeImage", new { image = "uploaded:1" }, cancellationToken: Cancellation);
    }

    [Fact]
    public async Task An_upload_that_is_cancelled_throws_as_cancelled()
    {
        // Cancelled while a chunk is on its way, while the next is read, and before either.
        foreach (int after in (int[])[0, 1, 2, 30])
        {
            using CancellationTokenSource cancelled = new();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _client.UploadAsync(new EndlessStream(reads =>
            {
                if (reads == after)
                {
                    cancelled.Cancel();
                }
            }), cancelled.Token).WaitAsync(TimeSpan.FromSeconds(60), Cancellation));
        }
    }

    [Fact]
    public async Task What_a_tool_refuses_is_thrown_with_its_code_field_and_remedy()
    {
        QuiltException e = await Assert.ThrowsAsync<QuiltException>(() => _client.CallToolAsync<JsonElement>("getContainerStatus", new { container = "no-such" }, cancellationToken: Cancellation));
        Assert.Equal((ErrorCode.NotFound, "container"), (e.Code, e.Field));
        Assert.NotNull(e.Remedy);
        QuiltException unknown = await Assert.ThrowsAsync<QuiltException>(() => _client.CallToolAsync("noSuchTool", cancellationToken: Cancellation));
        Assert.NotEqual(ErrorCode.Internal, unknown.Code);
    }

    [Fact]
    public async Task A_call_with_a_key_that_was_used_does_nothing_anew()
    {
        ToolCallOptions options = new() { IdempotencyKey = Guid.NewGuid().ToString("N") };
        JsonElement first = await _client.CallToolAsync("createContainer", null, options, Cancellation);
        JsonElement second = await _client.CallToolAsync("createContainer", null, options, Cancellation);
        Assert.Equal(first.GetProperty("id").GetString(), second.GetProperty("id").GetString());
        await (await _client.GetContainerAsync(first.GetProperty("id").GetString()!, Cancellation)).RemoveAsync(cancellationToken: Cancellation);
    }

    [Fact]
    public async Task A_models_functions_are_the_tools_and_their_failures_are_results()
    {
        IReadOnlyList<AIFunction> functions = await new QuiltTools(_client).GetAIFunctionsAsync(cancellationToken: Cancellation);
        AIFunction exec = Assert.Single(functions, f => f.Name == "execInContainer");
        Assert.NotEmpty(exec.Description);
        Assert.True(exec.JsonSchema.GetProperty("properties").TryGetProperty("container", out _));
        Assert.False((bool)exec.AdditionalProperties["readOnly"]!);
        await using QuiltContainer container = await _client.Idle();
        AIFunctionArguments arguments = new() { ["container"] = container.Id, ["command"] = (string[])["echo", "hi"] };
        JsonElement result = Assert.IsType<JsonElement>(await exec.InvokeAsync(arguments, Cancellation));
        Assert.Equal("hi\n", result.GetProperty("stdout").GetString());
        arguments["container"] = "no-such";
        JsonElement failure = Assert.IsType<JsonElement>(await exec.InvokeAsync(arguments, Cancellation));
        Assert.Equal(["code", "message", "field", "remedy"], failure.EnumerateObject().Select(p => p.Name));
        Assert.Equal(("not_found", "container"), (failure.GetProperty("code").GetString(), failure.GetProperty("field").GetString()));
    }

    [Fact]
    public async Task An_agents_client_has_its_tools_alone_and_a_wrong_token_none()
    {
        await using QuiltClient agent = new(new QuiltClientOptions { Host = fixture.Host, Token = await fixture.TokenAsync() });
        IReadOnlyList<QuiltTool> granted = await agent.ListToolsAsync(cancellationToken: Cancellation), all = await _client.ListToolsAsync(cancellationToken: Cancellation);
        Assert.Subset(all.Select(t => t.Name).ToHashSet(), granted.Select(t => t.Name).ToHashSet());
        Assert.True(granted.Count < all.Count);
        await using QuiltClient stranger = new(new QuiltClientOptions { Host = fixture.Host, Token = "quilt_nobody" });
        QuiltException e = await Assert.ThrowsAsync<QuiltException>(() => stranger.ListToolsAsync(cancellationToken: Cancellation));
        Assert.Equal(ErrorCode.Unauthenticated, e.Code);
    }

    [Fact]
    public async Task A_session_takes_its_containers_with_it()
    {
        string id;
        await using (QuiltSession session = await _client.BeginSessionAsync(new SessionOptions { Name = "work", TimeToLive = TimeSpan.FromMinutes(5), IdleTimeout = TimeSpan.FromMinutes(2) }, Cancellation))
        {
            Assert.Equal("work", session.Name);
            Assert.NotNull(session.ExpiresAt);
            id = (await session.Client.RunContainerAsync(new ContainerOptions { RemoveOnDispose = false }, Cancellation)).Id;
        }

        QuiltException e = await Assert.ThrowsAsync<QuiltException>(() => _client.GetContainerAsync(id, Cancellation));
        Assert.Equal(ErrorCode.NotFound, e.Code);
    }
}
