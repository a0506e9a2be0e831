using System.Text;
using Quilt.Core;
using Quilt.Images;

namespace Quilt.Build.Tests.Planning;

public sealed class BuildPlanTests
{
    private const string Stages = """
        FROM a AS one
        FROM b AS two
        RUN --mount=from=one,target=/x y
        FROM c AS three
        COPY --from=0 /x /y
        FROM two AS four
        FROM three
        """;

    [Theory]
    [InlineData(null, new[] { 0, 2, 4 })]
    [InlineData("four", new[] { 0, 1, 3 })]
    [InlineData("FOUR", new[] { 0, 1, 3 })]
    [InlineData("0", new[] { 0 })]
    [InlineData("three", new[] { 0, 2 })]
    public void Only_what_the_target_needs_is_planned(string? target, int[] expected)
    {
        BuildPlan plan = Plan(Stages, r => r with { Target = target });
        HashSet<int> needed = [];
        Add(plan.Target);
        Assert.Equal(expected, needed.Order());

        void Add(int index)
        {
            needed.Add(index);
            foreach (int next in plan.StageAt(index).Needs)
            {
                Add(next);
            }
        }
    }

    [Theory]
    [InlineData("fuor", "did you mean four?")]
    [InlineData("9", "its stages are one, two, three, four")]
    public void A_target_that_is_none_is_told_with_those_that_are(string target, string remedy)
    {
        QuiltException error = Assert.Throws<QuiltException>(() => Plan(Stages, r => r with { Target = target }));
        Assert.Equal("target", error.Field);
        Assert.Equal(remedy, error.Remedy);
    }

    [Theory]
    [InlineData("FROM $NONE\n", "Dockerfile:1:6: the image's name comes out empty")]
    [InlineData("FROM a AS b\nFROM c\nCOPY --from=B_ x y\n", "Dockerfile:3:13: 'B_' is no earlier stage and no image's name")]
    [InlineData("FROM --platform=a/b/c/d x\n", "Dockerfile:1:17: 'a/b/c/d' is not a platform")]
    [InlineData("FROM a\nCOPY --from=0 x y\n", "Dockerfile:2:13: there is no stage 0 before this one")]
    [InlineData("FROM a AS b\nFROM c\nRUN --mount=from=7,target=/x y\n", "Dockerfile:3:18: there is no stage 7 before this one")]
    public void What_cannot_be_planned_is_told_at_its_place(string text, string message) =>
        Assert.StartsWith(message, Assert.Throws<QuiltException>(() => Plan(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_later_stage_of_the_same_name_is_meant_after_it_and_itself_never()
    {
        BuildPlan plan = Plan("FROM a AS x\nFROM x AS x\nFROM x\n");
        Assert.Equal(new StageBase.Earlier(0), plan.StageAt(1).Base);
        Assert.Equal(new StageBase.Earlier(1), plan.StageAt(2).Base);
        Assert.IsType<StageBase.Image>(plan.StageAt(0).Base);
    }

    [Fact]
    public void A_named_context_goes_before_a_stage_and_an_image()
    {
        BuildContext.Image context = new(ImageReference.Parse("debian:12"));
        BuildPlan plan = Plan("FROM a AS b\nFROM b\n", r => r with { NamedContexts = new Dictionary<string, BuildContext> { ["b"] = context } });
        Assert.Equal(new StageBase.Context(context), plan.StageAt(1).Base);
    }

    [Fact]
    public void Platforms_and_global_arguments_are_in_the_base()
    {
        BuildPlan plan = Plan("ARG V=12\nARG P=linux/arm64/v8\nFROM --platform=$P debian:${V%.*}\nFROM --platform=$BUILDPLATFORM x\n", r => r with { Target = "0", Arguments = new Dictionary<string, string> { ["V"] = "13.1" } });
        StageBase.Image image = Assert.IsType<StageBase.Image>(plan.StageAt(0).Base);
        Assert.Equal("debian:13", image.Reference.ToString());
        Assert.Equal("linux/arm64", image.Platform.ToString());
        Assert.Equal(PlatformArguments.Host, Assert.IsType<StageBase.Image>(plan.StageAt(1).Base).Platform);
    }

    [Theory]
    [InlineData("linux/amd64", "linux/amd64")]
    [InlineData("Linux/x86_64", "linux/amd64")]
    [InlineData("arm64", "linux/arm64")]
    [InlineData("linux/aarch64", "linux/arm64")]
    [InlineData("linux/arm", "linux/arm/v7")]
    [InlineData("linux/arm/v6", "linux/arm/v6")]
    public void Platforms_have_more_than_one_name(string text, string platform) => Assert.Equal(platform, PlatformArguments.TryParse(text)?.ToString());

    [Theory]
    [InlineData("")]
    [InlineData("linux/")]
    [InlineData("a b/c")]
    public void What_is_no_platform_is_none(string text) => Assert.Null(PlatformArguments.TryParse(text));

    private static BuildPlan Plan(string text, Func<BuildRequest, BuildRequest>? change = null)
    {
        BuildRequest request = new() { Dockerfile = Encoding.UTF8.GetBytes(text) };
        return BuildPlan.Of(DockerfileReader.Read("Dockerfile", request.Dockerfile.Span), change?.Invoke(request) ?? request);
    }
}
