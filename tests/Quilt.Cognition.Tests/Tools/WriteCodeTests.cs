using Quilt.Cognition.Tests.Providers;
using Quilt.Core;

namespace Quilt.Cognition.Tests.Tools;

public sealed class WriteCodeTests
{
    private const string Good = """{"files":[{"path":"./src/a.py","content":"print(1)\n"}],"explanation":"run it"}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Files_come_back_with_relative_paths()
    {
        await using ProviderServer server = await ProviderServer.Start(Wire.Text("openai", Good));
        WriteCodeResult result = await Write(server, new WriteCodeArguments { Task = "print one", Language = "python", Constraints = ["no libraries"], Files = [new CodeFile { Path = "b.py", Content = "x = 1" }] });
        Assert.Equal(("src/a.py", "print(1)\n"), (Assert.Single(result.Files).Path, result.Files[0].Content));
        Assert.Equal("run it", result.Explanation);
        Assert.Contains("no libraries", server.Requests[0].Body, StringComparison.Ordinal);
        Assert.Contains("x = 1", server.Requests[0].Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("a/../../b")]
    [InlineData("a//b")]
    [InlineData("a\\b")]
    [InlineData("C:/x")]
    [InlineData("~/x")]
    [InlineData("a/")]
    [InlineData("")]
    [InlineData("a\u0000b")]
    public async Task A_path_that_leaves_the_project_is_sent_back_and_never_returned(string path)
    {
        string bad = $$"""{"files":[{"path":{{System.Text.Json.JsonSerializer.Serialize(path)}},"content":""}],"explanation":""}""";
        await using ProviderServer once = await ProviderServer.Start(Wire.Text("openai", bad), Wire.Text("openai", Good));
        Assert.Equal("src/a.py", Assert.Single((await Write(once, new WriteCodeArguments { Task = "t" })).Files).Path);

        await using ProviderServer always = await ProviderServer.Start(Wire.Text("openai", bad));
        QuiltException failure = await Assert.ThrowsAsync<QuiltException>(() => Write(always, new WriteCodeArguments { Task = "t" }));
        Assert.Equal(ErrorCode.Unavailable, failure.Code);
    }

    [Fact]
    public async Task The_callers_paths_are_held_to_the_same_rule()
    {
        await using ProviderServer server = await ProviderServer.Start(Wire.Text("openai", Good));
        QuiltException failure = await Assert.ThrowsAsync<QuiltException>(() => Write(server, new WriteCodeArguments { Task = "t", Files = [new CodeFile { Path = "../x", Content = "" }] }));
        Assert.Equal((ErrorCode.InvalidArgument, "files"), (failure.Code, failure.Field));
        Assert.Empty(server.Requests);
    }

    private static async Task<WriteCodeResult> Write(ProviderServer server, WriteCodeArguments arguments)
    {
        using LanguageModel model = new(Wire.Config("openai", server.Address), ApiKey.None);
        return await new WriteCodeTool(model).Run(arguments, Cancellation);
    }
}
