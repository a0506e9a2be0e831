using System.Text.Json;
using Google.Rpc;
using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Testing;
using Xunit;

namespace Quilt.Daemon.Tests;

/// <summary>Calls tools as an agent does: by name, with JSON, with its token.</summary>
internal static class ToolCalls
{
    internal static async Task<JsonElement> Tool(this QuiltService.QuiltServiceClient client, string name, object? arguments = null, string? token = null, string? session = null, string? key = null, CancellationToken? cancellation = null)
    {
        CancellationToken given = cancellation ?? TestContext.Current.CancellationToken;
        Metadata headers = [];
        if (token is not null)
        {
            headers.Add("authorization", $"Bearer {token}");
        }

        if (session is not null)
        {
            headers.Add("quilt-session", session);
        }

        if (key is not null)
        {
            headers.Add("idempotency-key", key);
        }

        string json = arguments as string ?? JsonSerializer.Serialize(arguments ?? new { });
        using AsyncServerStreamingCall<CallToolEvent> call = client.CallTool(new CallToolRequest { Name = name, Arguments = json }, headers, cancellationToken: given);
        await foreach (CallToolEvent happened in call.ResponseStream.ReadAllAsync(given))
        {
            if (happened.EventCase == CallToolEvent.EventOneofCase.Result)
            {
                return JsonElement.Parse(happened.Result);
            }
        }

        throw new InvalidOperationException($"{name} gave no result");
    }

    /// <summary>What a call that has to fail says.</summary>
    internal static async Task<ErrorDetail> Refused(Func<Task> call)
    {
        RpcException failure = await Assert.ThrowsAsync<RpcException>(call);
        return failure.GetRpcStatus()?.Details.Single().Unpack<ErrorDetail>() ?? throw new InvalidOperationException("it was refused without a detail", failure);
    }

    internal static Task<ErrorDetail> ToolRefused(this QuiltService.QuiltServiceClient client, string name, object? arguments = null, string? token = null, string? session = null, string? key = null) =>
        Refused(() => client.Tool(name, arguments, token, session, key));

    /// <summary>An agent of its own for a test.</summary>
    /// <returns>Its token.</returns>
    internal static async Task<string> Agent(this QuiltService.QuiltServiceClient client, string grant = "{}", string? by = null, string? name = null, string more = "") =>
        (await client.Tool("createAgent", $"{{\"name\":\"{name ?? $"a{Guid.NewGuid():N}"[..20]}\",\"config\":{{\"grant\":{grant}{more}}}}}", by)).Text("token");

    internal static string Text(this JsonElement json, string name) => json.GetProperty(name).GetString()!;

    internal static string Id(this JsonElement json) => json.Text("id");
}
