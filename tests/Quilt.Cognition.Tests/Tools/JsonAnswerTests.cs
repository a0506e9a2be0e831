namespace Quilt.Cognition.Tests.Tools;

public sealed class JsonAnswerTests
{
    [Theory]
    [InlineData("""{"a":1}""")]
    [InlineData("```json\n{\"a\":1}\n```")]
    [InlineData("Here {it} is: {\"a\":1} and {\"b\":2} too.")]
    [InlineData("<think>{\"a\":9} no</think>\n{\"a\":1,}")]
    [InlineData("{\"a\":/* one */1}")]
    public void The_object_is_found_wherever_it_is(string text)
    {
        Assert.True(JsonAnswer.TryFind(text, out System.Text.Json.JsonElement json));
        Assert.Equal(1, json.GetProperty("a").GetInt32());
    }

    [Theory]
    [InlineData("")]
    [InlineData("no")]
    [InlineData("{\"a\":")]
    [InlineData("{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{")]
    [InlineData("[1,2]")]
    public void Where_there_is_none_none_is_found(string text) => Assert.False(JsonAnswer.TryFind(text, out _));
}
