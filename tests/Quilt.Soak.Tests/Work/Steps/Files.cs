using System.Text.Json;
using Quilt.Api.V1;

namespace Quilt.Soak.Tests;

/// <summary>A file is copied in, and out again.</summary>
internal sealed class CopyInAndOut : Step
{
    internal override int Weight => 15;

    internal override async Task RunAsync(Lifecycle life)
    {
        string path = $"/copied{life.Random.Next(3)}", content = string.Concat(Enumerable.Repeat($"content of {life.Random.Next()}\n", life.Random.Next(1, 3000)));
        await life.Write(path, content, () => life.Tool("copyToContainer", new { container = life.Box.Id, path, content }));
        JsonElement read = await life.Tool("copyFromContainer", new { container = life.Box.Id, path, limit = "1MiB" });
        Lifecycle.Same(content, read.GetProperty("content").GetString(), "what was copied in and out");
    }
}

/// <summary>A file is written by a command.</summary>
internal sealed class WriteFile : Step
{
    internal override int Weight => 15;

    internal override Task RunAsync(Lifecycle life) => life.WriteByCommand($"/written{life.Random.Next(3)}", $"{life.Random.Next()}");
}

/// <summary>A volume is made, attached, written to, detached and removed.</summary>
internal sealed class Volumes : Step
{
    internal override async Task RunAsync(Lifecycle life)
    {
        string volume = life.NewName("volume");
        string path = $"/{volume}";
        Belonging made = new("volume", volume, l => l.Tool("removeVolume", new { volume }));
        // An agent with a limit of disk has to name a size; its file system is a disk image.
        await life.Make(made, life.Tool("createVolume", new { name = volume }));
        await life.Tool("attachVolume", new { container = life.Box.Id, volume, path });
        Lifecycle.Same(0, (await life.Shell($"echo kept > {path}/file")).ExitCode, "writing to a volume");
        await life.Tool("detachVolume", new { container = life.Box.Id, volume, path });
        Lifecycle.Same(1, (await life.Shell($"test -e {path}/file")).ExitCode, "a detached volume is out of sight");
        await life.Tool("attachVolume", new { container = life.Box.Id, volume, path, readOnly = true });
        Lifecycle.Same("kept\n", (await life.Shell($"cat {path}/file")).Stdout.ToStringUtf8(), "what the volume has");
        if (life.Random.Next(2) == 0)
        {
            await life.Tool("detachVolume", new { container = life.Box.Id, volume });
            await life.Unmake(made);
            await Lifecycle.Refused("not_found", () => life.Tool("inspectVolume", new { volume }), "a removed volume");
        }
    }
}

/// <summary>Back to a snapshot.</summary>
internal sealed class SnapshotAndRestore : Step
{
    internal override bool IsHeavy => true;

    internal override async Task RunAsync(Lifecycle life)
    {
        string name = life.NewName("snapshot"), value = $"{life.Random.Next()}";
        Belonging snapshot = new("snapshot", name, l => l.Tool("removeSnapshot", new { snapshot = name }));
        await life.WriteByCommand("/branch", value);
        await life.Make(snapshot, life.Tool("snapshotContainer", new { container = life.Box.Id, name }));
        await life.WriteByCommand("/branch", "later");

        // All files go back: those written before are as they were then, which is as they are known now.
        life.Box.Runs = null;
        life.Box.Execs.Clear();
        await life.Write("/branch", value, () => life.Tool("restoreContainer", new { container = life.Box.Id, snapshot = name, force = true }));
        await life.RunsAgain();
        Lifecycle.Same(value, (await life.Shell("cat /branch")).Stdout.ToStringUtf8(), "a file after restoring");
        if (life.Random.Next(2) == 0)
        {
            await life.Unmake(snapshot);
        }
    }
}

/// <summary>Two of it, each with its own way from there.</summary>
internal sealed class Fork : Step
{
    internal override int Weight => 8;
    internal override bool IsHeavy => true;

    internal override async Task RunAsync(Lifecycle life)
    {
        string name = life.NewName("fork"), value = $"{life.Random.Next()}";
        await life.WriteByCommand("/branch", value);
        Belonging[] forks = [.. Enumerable.Range(1, 2).Select(n => new Belonging("container", $"{name}-{n}", l => l.Tool("removeContainer", new { container = $"{name}-{n}", force = true })))];
        life.Belongings.AddRange(forks);
        await life.Tool("forkContainer", new { container = life.Box.Id, count = 2, name });
        forks[0].Presence = forks[1].Presence = Presence.There;
        Lifecycle.Same(value, (await life.Shell("cat /branch; printf other > /branch", container: forks[0].Name)).Stdout.ToStringUtf8(), "what a fork has");
        Lifecycle.Same(value, (await life.Shell("cat /branch", container: forks[1].Name)).Stdout.ToStringUtf8(), "what the other fork has");
        Lifecycle.Same(value, (await life.Shell("cat /branch")).Stdout.ToStringUtf8(), "what the forked one has");
        await life.Unmake(forks[0]);
    }
}

/// <summary>An image is made of it, a container of that, and both go.</summary>
internal sealed class Commit : Step
{
    internal override int Weight => 3;
    internal override bool IsHeavy => true;

    internal override async Task RunAsync(Lifecycle life)
    {
        string reference = $"{life.NewName("image")}:1", value = $"{life.Random.Next()}";
        await life.WriteByCommand("/committed", value);
        Belonging image = new("image", reference, l => l.Tool("removeImage", new { image = reference }));
        await life.Make(image, life.Tool("commitContainer", new { container = life.Box.Id, reference }));
        string name = life.NewName("of-image");
        Belonging container = new("container", name, l => l.Tool("removeContainer", new { container = name, force = true }));
        await life.Make(container, life.Tool("createContainer", new { name, image = reference, command = new[] { "sleep", "1000" }, memory = "32MiB", autoStart = true }));
        Lifecycle.Same(value, (await life.Shell("cat /committed", container: name)).Stdout.ToStringUtf8(), "what the image has");
        await life.Unmake(container);
        await life.Unmake(image);
    }
}
