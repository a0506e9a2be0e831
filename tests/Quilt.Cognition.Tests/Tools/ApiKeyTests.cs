using Quilt.Cognition.Tests.Providers;
using Quilt.Core;
using Quilt.Testing;

namespace Quilt.Cognition.Tests.Tools;

public sealed class ApiKeyTests
{
    [Fact]
    public void A_key_is_read_without_its_line_end_and_does_not_print()
    {
        using KeyFile file = new(Wire.Key);
        ApiKey key = ApiKey.Read(file.Path, null, "cognition.model");
        Assert.Equal(Wire.Key, key.Value);
        Assert.Equal("[key]", $"{key}");
        Assert.Equal("x [key] y", key.RemoveFrom($"x {Wire.Key} y"));
    }

    [Fact]
    public void A_key_that_cannot_be_read_fails_where_it_is_used_and_its_path_is_not_told()
    {
        using TemporaryFolder folder = new();
        ApiKey key = ApiKey.Read(folder["nothing"], null, "cognition.model");
        QuiltException failure = Assert.Throws<QuiltException>(() => key.Value);
        Assert.Equal(ErrorCode.FailedPrecondition, failure.Code);
        Assert.Contains("cognition.model.apiKeyFile", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(folder.Path, failure.Message + failure.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_something_else_is_no_key()
    {
        using KeyFile file = new("first line\nsecond line");
        Assert.Equal(ErrorCode.FailedPrecondition, Assert.Throws<QuiltException>(() => ApiKey.Read(file.Path, null, "cognition.model").Value).Code);
        using KeyFile empty = new("");
        Assert.Equal(ErrorCode.FailedPrecondition, Assert.Throws<QuiltException>(() => ApiKey.Read(empty.Path, null, "cognition.model").Value).Code);
    }

    [Fact]
    public void None_configured_is_none() => Assert.Null(ApiKey.Read(null, null, "cognition.model").Value);
}
