using Quilt.Daemon;
using Xunit;

namespace Quilt.Aria.Tests;

public sealed class ToldTests
{
    [Fact]
    public void A_number_that_JSON_does_not_have_is_told_by_its_name() =>
        Assert.Equal("""{"least":"-Infinity","none":"NaN","some":1.5}""", Told.Of(("least", double.NegativeInfinity), ("none", double.NaN), ("some", 1.5), ("unset", 0.0)));

    [Fact]
    public void A_long_text_is_told_up_to_a_whole_character() =>
        Assert.Equal($$"""{"text":"{{new string('a', 511)}}\u2026"}""", Told.Of(("text", new string('a', 511) + "\ud83e\uddf5 and more")));
}
