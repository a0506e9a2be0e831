using System.Text.Json;
using CsCheck;
using Quilt.Core;
using Xunit;

namespace Quilt.Aria.Tests;

/// <summary>Arguments are checked against what is told of them, and what the audit keeps of them holds no secret.</summary>
public sealed class SchemaTests
{
    private static readonly Schema Create = new CreateContainerTool(null!).Input;

    [Theory]
    [InlineData("[]", "arguments", "the arguments are no JSON object: []")]
    [InlineData("""{"nam":"x"}""", "nam", "there is no argument 'nam'")]
    [InlineData("""{"name":5}""", "name", "name is a number: 5")]
    [InlineData("""{"command":"ls -l"}""", "command", "command is a string: \"ls -l\"")]
    [InlineData("""{"command":["ls",5]}""", "command[1]", "command[1] is a number: 5")]
    [InlineData("""{"env":{"A":1}}""", "env.A", "env.A is a number: 1")]
    [InlineData("""{"strategy":"forever"}""", "strategy", "strategy 'forever' is unknown")]
    [InlineData("""{"stopOrder":1001}""", "stopOrder", "stopOrder 1001 is out of bounds")]
    [InlineData("""{"stopOrder":0.5}""", "stopOrder", "stopOrder is a number: 0.5")]
    [InlineData("""{"memory":true}""", "memory", "memory is a boolean: true")]
    [InlineData("""{"ulimits":[{"name":"nofile","soft":1}]}""", "ulimits[0].hard", "ulimits[0].hard is missing")]
    [InlineData("""{"mounts":[{"path":"/x","type":"nfs"}]}""", "mounts[0].type", "mounts[0].type 'nfs' is unknown")]
    [InlineData("""{"name":"a","name":"b"}""", "name", "name is given twice")]
    [InlineData("""{"idempotencyKey":""}""", "idempotencyKey", "idempotencyKey has 0 characters")]
    public void What_is_wrong_is_named_with_its_value(string arguments, string field, string message)
    {
        QuiltException wrong = Assert.Throws<QuiltException>(() => Create.Check(JsonElement.Parse(arguments)));
        Assert.Equal((ErrorCode.InvalidArgument, field, message), (wrong.Code, wrong.Field, wrong.Message));
        Assert.NotEmpty(wrong.Remedy!);
    }

    [Fact]
    public void A_bound_that_is_none_is_not_told()
    {
        Schema copy = new CopyFromContainerTool(null!, null!).Input;
        QuiltException wrong = Assert.Throws<QuiltException>(() => copy.Check(JsonElement.Parse("""{"container":"web","path":"/x","offset":-1}""")));
        Assert.Equal("give 0 or more", wrong.Remedy);
    }

    [Theory]
    [InlineData("""{"since":"x"}""", "since", "since 'x' is no time")]
    [InlineData("""{"until":"2026-13-01T00:00:00Z"}""", "until", "until '2026-13-01T00:00:00Z' is no time")]
    [InlineData("""{"wait":"soon"}""", "wait", "wait 'soon' is no duration")]
    [InlineData("""{"wait":-1}""", "wait", "wait -1 is no duration")]
    [InlineData("""{"cursor":9223372036854775807,"limit":100,"since":"2026-01-31"}""", null, null)]
    public async Task A_value_that_cannot_be_read_is_named_with_what_would_be_right(string arguments, string? field, string? message)
    {
        Exception? refused = await Record.ExceptionAsync(() => new GetEventsTool(null!).CallAsync(JsonElement.Parse(arguments), new ToolContext(null!), default));
        if (field is null)
        {
            Assert.IsType<NullReferenceException>(refused); // it got as far as what is not there
            return;
        }

        QuiltException wrong = Assert.IsType<QuiltException>(refused);
        Assert.Equal((ErrorCode.InvalidArgument, field, message), (wrong.Code, wrong.Field, wrong.Message));
        Assert.StartsWith("give ", wrong.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_size_in_a_part_of_the_arguments_is_named_with_its_place()
    {
        QuiltException wrong = await Assert.ThrowsAsync<QuiltException>(
            () => new CreateContainerTool(null!).CallAsync(JsonElement.Parse("""{"io":[{"readBps":"much"}]}"""), new ToolContext(null!), default));
        Assert.Equal(("io[0].readBps", "io[0].readBps 'much' is no size"), (wrong.Field, wrong.Message));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"name":null,"memory":"512MiB","ttl":"1h","cpus":1.5,"pids":-1}""")]
    [InlineData("""{"memory":536870912,"ttl":30,"labels":{"a":"b"},"capabilities":{"drop":["ALL"]},"idempotencyKey":"k"}""")]
    public void What_is_right_passes(string arguments) => Create.Check(JsonElement.Parse(arguments));

    [Fact]
    public async Task Whatever_the_arguments_are_a_tool_answers_with_an_error_of_ours()
    {
        Gen<string> value = Any("1", "-1", "1e300", "\"x\"", "null", "true", "[]", "{}", "[null]", "[\"a\"]", "{\"a\":\"b\"}", "\"99999999999999999999\"");
        Gen<string> name = Any("name", "image", "command", "env", "memory", "ttl", "cpus", "ulimits", "mounts", "capabilities", "strategy", "stopOrder", "x");
        await Gen.Select(name, value).Array[0, 4].SampleAsync(async pairs =>
        {
            string arguments = $"{{{string.Join(',', pairs.Select(p => $"\"{p.Item1}\":{p.Item2}"))}}}";
            try
            {
                // Nothing is behind it: what is valid gets as far as that.
                await new CreateContainerTool(null!).CallAsync(JsonElement.Parse(arguments), new ToolContext(null!), default);
            }
            catch (QuiltException e)
            {
                Assert.Equal(ErrorCode.InvalidArgument, e.Code);
            }
            catch (NullReferenceException)
            {
            }
        }, iter: 3000);
    }

    [Fact]
    public void The_audit_keeps_no_secret_and_no_more_than_it_can_hold()
    {
        Schema exec = new ExecInContainerTool(null!, null!).Input;
        string kept = Redaction.Redact(JsonElement.Parse("""{"container":"web","command":["LONG"],"env":{"TOKEN":"hunter2"},"stdin":"hunter2","unknown":{"deep":["hunter2"]}}""".Replace("LONG", new string('x', 2000), StringComparison.Ordinal)), exec);
        Assert.DoesNotContain("hunter2", kept, StringComparison.Ordinal);
        Assert.Contains("\"TOKEN\"", kept, StringComparison.Ordinal);
        Assert.Contains("\"web\"", kept, StringComparison.Ordinal);
        Assert.True(kept.Length < 2000);
        string many = Redaction.Redact(JsonElement.Parse($$"""{"command":[{{string.Join(',', Enumerable.Repeat($"\"{new string('y', 500)}\"", 1000))}}]}"""), exec);
        Assert.True(many.Length < 9000, $"{many.Length} characters");
        Assert.DoesNotContain("hunter2", Redaction.Redact(JsonElement.Parse("""{"anything":"hunter2"}"""), null), StringComparison.Ordinal);
    }

    private static Gen<T> Any<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
