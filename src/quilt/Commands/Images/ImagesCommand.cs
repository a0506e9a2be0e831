using System.CommandLine;
using Quilt.Api.V1;
using Quilt.Core;

namespace Quilt.Cli;

internal sealed class ImagesCommand : CliCommand
{
    private readonly Option<bool> _quiet;

    internal ImagesCommand(string name)
        : base(name, "List images") => _quiet = Flag("Print digests alone", "--quiet", "-q");

    internal override string Usage => "[-q]";

    internal override IReadOnlyList<Example> Examples => [new($"quilt {Name}", "What containers can be made from, without a registry")];

    internal override async Task<int> RunAsync(Invocation call)
    {
        ListImagesResponse answer = await call.Daemon.ListImagesAsync(new ListImagesRequest());
        if (call.Get(_quiet))
        {
            foreach (Image image in answer.Images)
            {
                call.Out.WriteLine(image.Digest);
            }
        }
        else if (call.Json)
        {
            CliJson.WriteDocument(
                call.Out, answer.Images.Select(i => new ImageView(i.Reference, i.Digest, i.SizeBytes, ViewOf.Time(i.CreatedAt))).ToArray(), j => j.ImageViewArray);
        }
        else
        {
            Write(call.Out, call.Streams.Style, answer.Images, DateTimeOffset.UtcNow);
        }

        return 0;
    }

    internal static void Write(TextWriter to, Style style, IEnumerable<Image> images, DateTimeOffset now)
    {
        const int shortDigest = 19; // sha256: and twelve digits
        TextTable table = new("REFERENCE", "DIGEST", "SIZE", "CREATED");
        foreach (Image image in images)
        {
            string digest = image.Digest.Length > shortDigest ? image.Digest[..shortDigest] : image.Digest;
            table.Add(image.Reference, digest, new ByteSize(image.SizeBytes).ToString(), Ago.Text(image.CreatedAt, now));
        }

        table.Write(to, style);
    }
}
