using CsCheck;
using Quilt.Images;

namespace Quilt.Registry.Tests.Configuration;

/// <summary>A reference becomes a path of a request: what is read is what is asked for.</summary>
public sealed class ReferenceTests
{
    [Fact]
    public void Whatever_the_text_a_reference_is_none_or_reads_the_same_again_and_stays_within_its_path() =>
        Gen.OneOf(Gen.String, Gen.String[Gen.Char["aZ0.:/@-_[]%?#\\ "], 0, 60]).Sample(text =>
        {
            if (!ImageReference.TryParse(text, out ImageReference reference))
            {
                return;
            }

            Assert.Equal(reference, ImageReference.Parse(reference.ToString()));
            if (Uri.TryCreate($"https://{reference.Domain}/v2/{reference.Path}/manifests/{reference.Tag}", UriKind.Absolute, out Uri? address))
            {
                Assert.Equal($"/v2/{reference.Path}/manifests/{reference.Tag}", address.AbsolutePath);
                Assert.Equal("", address.Query + address.Fragment + address.UserInfo);
            }
        });
}
