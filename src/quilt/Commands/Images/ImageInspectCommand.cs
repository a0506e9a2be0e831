using System.CommandLine;

namespace Quilt.Cli;

internal sealed class ImageInspectCommand : ToolCommand
{
    private readonly Argument<string> _image;

    internal ImageInspectCommand()
        : base("image inspect", "Show an image, how its containers run, and its layers") => _image = Word("IMAGE");

    internal override string Usage => "IMAGE";

    internal override IReadOnlyList<Example> Examples => [new("quilt image inspect --json debian:12", "All of it")];

    internal override ArgumentKind Completes => ArgumentKind.Image;

    protected override string Tool => "inspectImage";

    internal override ToolArguments ArgumentsOf(Invocation call) => new ToolArguments().Add("image", call.Get(_image));

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now)
    {
        (ToolAnswer image, ToolAnswer config) = (answer["image"], answer["config"]);
        new FieldList()
            .Add("names", answer["names"].Text)
            .Add("digest", image["digest"].Text)
            .Add("index", image["indexDigest"].Text)
            .Add("platform", image["platform"].Text)
            .Add("created", image["createdAt"].When(now))
            .Add("size", ImageRows.Size(image["size"]))
            .Add("author", answer["author"].Text)
            .Add("entrypoint", config["entrypoint"].Text)
            .Add("command", config["command"].Text)
            .Add("user", config["user"].Text)
            .Add("working dir", config["workingDir"].Text)
            .Add("exposed ports", config["exposedPorts"].Text)
            .Add("volumes", config["volumes"].Text)
            .Add("stop signal", config["stopSignal"].Text)
            .Add("health check", config["healthcheck"]["test"].Text)
            .Add("env", string.Join(", ", config["env"].Fields.Select(f => $"{f.Name}={f.Value.Text}")))
            .Add("labels", string.Join(", ", config["labels"].Fields.Select(f => $"{f.Name}={f.Value.Text}")))
            .Add("containers", answer["containers"].Text)
            .Write(to, style);
        TextTable table = new("LAYER", "SIZE", "UNPACKED AS");
        foreach (ToolAnswer layer in answer["layers"].Items)
        {
            table.Add(ImageRows.Short(layer["digest"].Text), ImageRows.Size(layer["size"]), ImageRows.Short(layer["diffId"].Text));
        }

        table.Write(to, style);
    }
}
