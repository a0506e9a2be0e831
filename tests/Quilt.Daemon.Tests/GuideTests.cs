using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Testing;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>What docs/guide.md tells models is so.</summary>
public sealed partial class GuideTests(DaemonFixture fixture)
{
    private static readonly string Guide = File.ReadAllText(Sources.PathOf("docs/guide.md"));

    public static TheoryData<int, string> Examples => new(GuideExample.ReadAll(Guide).Select(e => new TheoryDataRow<int, string>(e.Line, e.Heading)));

    /// <summary>Each by an agent of its own, which has to leave nothing.</summary>
    [Theory]
    [MemberData(nameof(Examples))]
    public async Task An_example_of_the_guide_does_what_the_guide_says(int line, string heading)
    {
        GuideExample example = Assert.Single(GuideExample.ReadAll(Guide), e => e.Line == line);
        string agent = $"guide-{line}";
        JsonNode made = await Call("createAgent", new JsonObject { ["name"] = agent });
        string token = made["token"]!.GetValue<string>();
        try
        {
            GuideValues values = new();
            foreach (GuideCall call in example.Calls)
            {
                await Run(call, values, token);
            }

            JsonNode left = await Call("listContainers", new JsonObject { ["limit"] = 1000 }, token);
            Assert.True(left["containers"]!.AsArray().Count == 0, $"'{heading}' leaves containers: {left}");
            Assert.Empty((await Call("listTasks", [], token))["tasks"]!.AsArray());
            Assert.Empty((await Call("listAgents", [], token))["agents"]!.AsArray());
        }
        finally
        {
            await Call("removeAgent", new JsonObject { ["agent"] = agent, ["force"] = true });
        }
    }

    [Fact]
    public async Task The_guide_names_every_primitive_tool_and_none_that_is_not_there()
    {
        ListToolsResponse tools = await fixture.Client.ListToolsAsync(new ListToolsRequest(), cancellationToken: Cancellation);
        string[] primitive = [.. tools.Tools.Where(t => t.Scope == "primitive").Select(t => t.Name)];
        Assert.NotEmpty(primitive);
        Assert.All(primitive, name => Assert.True(Words().Contains(name), $"the guide does not speak of {name}"));

        HashSet<string> known = [.. tools.Tools.Select(t => t.Name)];
        Assert.All(GuideExample.ReadAll(Guide).SelectMany(e => e.Calls), call => Assert.True(known.Contains(call.Tool), $"line {call.Line}: there is no tool {call.Tool}"));
        foreach (ToolInfo tool in tools.Tools)
        {
            Fields(JsonNode.Parse(tool.InputSchema), known);
            Fields(JsonNode.Parse(tool.OutputSchema), known);
        }

        Assert.All(Words().Where(w => CamelCase().IsMatch(w)), word => Assert.True(known.Contains(word), $"{word} is no tool, argument or result"));
    }

    [Fact]
    public void The_guide_is_short_and_says_of_which_version_it_is()
    {
        string[] lines = Guide.TrimEnd('\n').Split('\n');
        Assert.StartsWith("Version 0.1", lines[1], StringComparison.Ordinal);
        Assert.InRange(lines.Length, 100, 360);
        Assert.True(Examples.Count >= 12, "there are few examples");
    }

    private async Task Run(GuideCall call, GuideValues values, string token)
    {
        string what = $"line {call.Line}, {call.Tool}";
        JsonNode result;
        try
        {
            result = await Call(call.Tool, values.Fill(call.Arguments).AsObject(), call.As is null ? token : values.Text(call.As), call.In is null ? null : values.Text(call.In));
        }
        catch (RpcException e)
        {
            ErrorDetail? detail = e.GetRpcStatus()?.GetDetail<ErrorDetail>();
            Assert.True(call.Error is not null, $"{what} failed: {detail?.ToString() ?? e.ToString()}");
            Assert.True(call.Error == detail?.Code, $"{what} should fail with {call.Error}, and failed: {detail?.ToString() ?? e.ToString()}");
            return;
        }

        Assert.True(call.Error is null, $"{what} should fail with {call.Error}, and answered {result.ToJsonString()}");
        string? difference = call.Expected is null ? null : values.Difference(call.Expected, result);
        Assert.True(difference is null, $"{what}: {difference}, in {result.ToJsonString()}");
    }

    private async Task<JsonNode> Call(string tool, JsonObject arguments, string? token = null, string? session = null)
    {
        Metadata metadata = [];
        if (token is not null)
        {
            metadata.Add("authorization", $"Bearer {token}");
        }

        if (session is not null)
        {
            metadata.Add("quilt-session", session);
        }

        CallToolRequest request = new() { Name = tool, Arguments = arguments.ToJsonString() };
        using AsyncServerStreamingCall<CallToolEvent> call = fixture.Client.CallTool(request, metadata, cancellationToken: Cancellation);
        await foreach (CallToolEvent happened in call.ResponseStream.ReadAllAsync(Cancellation))
        {
            if (happened.EventCase == CallToolEvent.EventOneofCase.Result)
            {
                return JsonNode.Parse(happened.Result)!;
            }
        }

        throw new InvalidOperationException($"{tool} ended without a result");
    }

    /// <summary>What the guide has as code: of its sentences, and of the calls in its examples.</summary>
    private static HashSet<string> Words() =>
        [.. Code().Matches(Guide).SelectMany(m => Word().Matches(m.Value)).Select(m => m.Value).Concat(GuideExample.ReadAll(Guide).SelectMany(e => e.Calls).Select(c => c.Tool))];

    private static void Fields(JsonNode? schema, HashSet<string> into)
    {
        if (schema is JsonArray items)
        {
            foreach (JsonNode? item in items)
            {
                Fields(item, into);
            }
        }

        if (schema is not JsonObject node)
        {
            return;
        }

        foreach ((string name, JsonNode? value) in node)
        {
            if (name == "properties")
            {
                into.UnionWith(value!.AsObject().Select(p => p.Key));
            }

            Fields(value, into);
        }
    }

    [GeneratedRegex("(?<!`)`[^`\n]+`(?!`)")]
    private static partial Regex Code();

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();

    [GeneratedRegex(@"\A[a-z]+[A-Z]\w*\z")]
    private static partial Regex CamelCase();
}
