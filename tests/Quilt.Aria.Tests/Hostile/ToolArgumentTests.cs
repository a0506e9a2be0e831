using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Quilt.Core;
using Quilt.Fuzzing;
using Xunit;

namespace Quilt.Aria.Tests.Hostile;

/// <summary>The arguments of every tool, whoever sends them through whichever face.</summary>
public sealed class ToolArgumentTests
{
    private static readonly Tool[] All =
    [
        .. typeof(Tool).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Tool)) && !t.IsAbstract && !t.ContainsGenericParameters).OrderBy(t => t.Name)
            .Select(t => t.GetConstructors(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance)[0]).Select(c => (Tool)c.Invoke(new object?[c.GetParameters().Length])),
    ];

    private static readonly Schema Config = new(SchemaWriter.Write(AriaJson.Default.AgentConfig));

    [Fact]
    public void Arguments_of_any_tool_that_are_anything_are_read_or_refused_and_told_to_the_audit() => Fuzz.Run(
        Gen.Int[0, All.Length - 1].SelectMany(which => MutatedJson.Of(Example(All[which].InputSchema).ToJsonString()).Select(json => (All[which], json))),
        input =>
        {
            (Tool tool, byte[] json) = input;
            if (Parsed(json) is not { } arguments)
            {
                return;
            }

            Fuzz.Bounded(() =>
            {
                Refused(() => Read(tool, arguments));
                string kept = Redaction.Redact(arguments, tool.Input);
                Assert.InRange(kept.Length, 1, 9000);
                JsonDocument.Parse(kept).Dispose();
                Refused(() => Schema.With(arguments, "container", "c"));
            });
        },
        iterations: 4000);

    [Fact]
    public void What_a_container_is_asked_to_be_is_a_specification_or_refused() => Fuzz.Run(
        MutatedJson.Of(
            """
            {"name":"n","image":"debian:12","command":["a"],"entrypoint":["e"],"env":{"A":"b"},"workingDir":"/w","user":"u","labels":{"a":"b"},"hostname":"h","strategy":"session","ttl":"1h","memory":"64MiB","cpus":0.5,
             "pids":5,"cpuset":"0","ulimits":[{"name":"nofile","soft":1,"hard":2}],"mounts":[{"path":"/x","type":"tmpfs","size":"1MiB"},{"path":"/v","type":"volume","volume":"v"}],"capabilities":{"add":["NET_RAW"],"drop":["ALL"]},
             "stopSignal":"TERM","stopTimeout":5,"healthcheck":{"test":["CMD","t"],"interval":"5s"},"io":[{"device":"8:0","readBytes":"1MiB"}]}
            """),
        json =>
        {
            if (Parsed(json) is { } arguments)
            {
                Refused(() => Fuzz.Bounded(() => _ = ContainerSpecReader.Read((CreateContainerArguments)Read(All.OfType<CreateContainerTool>().Single(), arguments))));
            }
        });

    [Fact]
    public void What_an_exec_and_a_log_are_asked_for_is_a_request_or_refused() => Fuzz.Run(
        Gen.Select(
            MutatedJson.Of("""{"container":"c","command":["sh","-c","x"],"env":{"A":"b"},"workingDir":"/w","user":"1:2","timeout":"5s","outputLimit":"64k","stdin":"x"}"""),
            MutatedJson.Of("""{"container":"c","tail":5,"since":"2026-01-02T03:04:05Z","stream":"stdout","pattern":"a+b","cursor":"1:2:3"}""")),
        input => Fuzz.Bounded(() =>
        {
            if (Parsed(input.Item1) is { } exec)
            {
                Refused(() => _ = ExecSpecReader.Read((ExecInContainerArguments)Read(All.OfType<ExecInContainerTool>().Single(), exec)));
            }

            if (Parsed(input.Item2) is { } log)
            {
                Refused(() => _ = LogQueryReader.Read((GetContainerLogsArguments)Read(All.OfType<GetContainerLogsTool>().Single(), log)));
            }
        }),
        iterations: 1000);

    [Fact]
    public void An_agents_configuration_damaged_anywhere_is_read_or_refused() => Fuzz.Run(
        Mutated.Text(
            "name: builder\ngrant:\n  tools: {scopes: [primitive], deny: ['remove*'], level: limited}\n  limits: {containers: 4, memory: 2GiB, ttl: 1h30m}\n  images: [quilt/*]\n  hostPaths: [{path: /srv, readOnly: true}]\n  ports: [{from: 1, to: 9}]\nsession: {idleTimeout: 600}\nsystemPrompt: |\n  Be brief.\n",
            """{"name":"x","grant":{"egress":["*.debian.org:443"],"secrets":["a*"],"capabilities":["NET_RAW"]},"model":{"provider":"ollama","model":"m"}}"""),
        text => Refused(() => Fuzz.Bounded(() => _ = AgentConfigReader.Read(text, Config))),
        iterations: 1000);

    [Theory]
    [InlineData("""{"container":"a","\ud800":null}""")]
    [InlineData("""{"container":"\udc00"}""")]
    [InlineData("""{"container":"a","container":"b"}""")]
    [InlineData("""["\ud800"]""")]
    public void A_refused_call_is_kept_by_the_audit_however_its_arguments_are_written(string json)
    {
        JsonElement arguments = JsonElement.Parse(json);
        Schema schema = All.OfType<ExecInContainerTool>().Single().Input;
        Assert.Equal(ErrorCode.InvalidArgument, Assert.Throws<QuiltException>(() => schema.Check(arguments)).Code);
        Assert.NotNull(JsonNode.Parse(Redaction.Redact(arguments, schema)));
        Assert.True(arguments.ValueKind == JsonValueKind.Array || Assert.Throws<QuiltException>(() => Schema.With(arguments, "command", "x")).Code == ErrorCode.InvalidArgument);
    }

    [Fact]
    public void Arguments_that_are_no_object_and_no_utf8_are_refused()
    {
        JsonElement arguments = JsonElement.Parse((byte[])[(byte)'[', (byte)'"', 0xff, (byte)'"', (byte)']']);
        Assert.Equal(ErrorCode.InvalidArgument, Assert.Throws<QuiltException>(() => Config.Check(arguments)).Code);
        Assert.NotNull(JsonNode.Parse(Redaction.Redact(arguments, Config)));
    }

    [Fact]
    public void A_null_in_a_table_is_refused_as_any_other_value_of_the_wrong_type() => Assert.All(["labels", "env"], field =>
        Assert.Equal($"{field}.a", Assert.Throws<QuiltException>(() => Read(All.OfType<CreateContainerTool>().Single(), JsonElement.Parse($$$"""{"{{{field}}}":{"a":null}}"""))).Field));

    /// <summary>As a face reads it; null of what is no JSON.</summary>
    private static JsonElement? Parsed(byte[] json)
    {
        try
        {
            return JsonElement.Parse(json, new JsonDocumentOptions { MaxDepth = 32 });
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static object Read(Tool tool, JsonElement arguments)
    {
        MethodInfo read = tool.GetType().GetMethod("Read", BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.FlattenHierarchy, [typeof(JsonElement)])!;
        return read.Invoke(tool, BindingFlags.DoNotWrapExceptions, null, [arguments], null)!;
    }

    private static void Refused(Action read)
    {
        try
        {
            read();
        }
        catch (QuiltException e)
        {
            Assert.Equal(ErrorCode.InvalidArgument, e.Code);
            Assert.NotNull(e.Remedy);
            Assert.InRange(e.Message.Length, 1, 40_000);
        }
    }

    /// <summary>Something of each kind that a schema names.</summary>
    private static JsonNode Example(JsonObject schema)
    {
        string type = schema["type"] switch { JsonArray several => several[^1]!.GetValue<string>(), JsonValue one => one.GetValue<string>(), _ => "string" };
        return type switch
        {
            "object" when schema["properties"] is JsonObject properties => new JsonObject(properties.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)Example((JsonObject)p.Value!)))),
            "object" => new JsonObject { ["a"] = schema["additionalProperties"] is JsonObject value ? Example(value) : "b" },
            "array" => new JsonArray(schema["items"] is JsonObject item ? Example(item) : "a"),
            "integer" or "number" => schema["minimum"]?.DeepClone() ?? 1,
            "boolean" => true,
            _ => schema["enum"] is JsonArray values ? values[0]!.DeepClone() : "1s",
        };
    }
}
