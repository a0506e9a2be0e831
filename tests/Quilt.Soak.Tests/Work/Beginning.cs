using System.Diagnostics;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Quilt.Api.V1;

namespace Quilt.Soak.Tests;

/// <summary>How a container comes to be, and for how long.</summary>
internal sealed record Beginning(string Name, int Weight, Func<Lifecycle, Task> RunAsync)
{
    private static readonly Beginning[] All =
    [
        new("Create+Start", 50, life => CreateAsync(life, start: true)),
        new("Create,Start", 15, CreateThenStartAsync),
        new("InSession", 15, InSessionAsync),
        new("ByAgent", 6, ByAgentAsync),
        new("AutoRemove", 10, AutoRemoveAsync),
        new("Ephemeral", 6, EphemeralAsync),
        new("Ttl", 4, TtlAsync),
        new("OnDisk", 3, OnDiskAsync),
        new("Refused", 5, RefusedAsync),
    ];

    /// <summary>Each once.</summary>
    internal static IReadOnlyList<Beginning> Each => All;

    internal static Beginning Choose(Random random)
    {
        int chosen = random.Next(All.Sum(b => b.Weight));
        return All.First(b => (chosen -= b.Weight) < 0);
    }

    internal static ContainerSpec Spec(Box box)
    {
        ContainerSpec spec = new() { Name = box.Name, Resources = new Resources { MemoryBytes = 64 << 20, Pids = 100 }, StopTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(2)) };
        if (box.Lines > 0)
        {
            spec.Command.Add(["sh", "-c", $"trap 'exit 9' TERM; i=0; while [ $i -lt {box.Lines} ]; do i=$((i+1)); echo $i; done; while [ ! -e /end ]; do sleep 0.02; done; echo end; exit {box.Code}"]);
        }

        return spec;
    }

    private static async Task CreateAsync(Lifecycle life, bool start, ContainerSpec? spec = null)
    {
        (life.Box.Presence, life.Box.Runs) = (Presence.Unsure, null);
        Stopwatch took = Stopwatch.StartNew();
        Container container = (await life.Call((c, o) => c.CreateContainerAsync(new CreateContainerRequest { Spec = spec ?? Spec(life.Box), AutoStart = start }, o))).Container;
        life.Box.Id = container.Id;
        life.Box.Presence = Presence.There;
        life.Made(container.Id);
        if (start)
        {
            life.Figures.Started(took.Elapsed);
            life.Started(container);
        }
        else
        {
            life.Box.Runs = false;
            Lifecycle.Same(ContainerState.Created, container.State, "the state of a created container");
        }
    }

    private static async Task CreateThenStartAsync(Lifecycle life)
    {
        await CreateAsync(life, start: false);
        await life.StartAsync();
    }

    private static async Task InSessionAsync(Lifecycle life)
    {
        string name = life.NewName("session");
        JsonElement begun = await life.Make(
            new Belonging("session", name, l => l.Tool("endSession", new { session = name })) { IsOwner = true }, life.Tool("beginSession", new { name, idleTimeout = "2400h" }));
        life.Headers.Add("quilt-session", begun.GetProperty("session").GetProperty("id").GetString()!);
        await CreateAsync(life, start: true);
    }

    private static async Task ByAgentAsync(Lifecycle life)
    {
        string name = life.NewName("agent");
        Belonging agent = new("agent", name, l =>
        {
            l.Headers.Clear(); // it cannot remove itself
            return l.Tool("removeAgent", new { agent = name, force = true });
        }) { IsOwner = true };
        JsonElement made = await life.Make(agent, life.Tool("createAgent", new
        {
            name,
            tokenTtl = "2400h",
            config = new { grant = new { limits = new { containers = 10, memory = "2GiB", pids = 2000, networks = 3, volumes = 3, snapshots = 5 } } },
        }));
        life.Headers.Add("authorization", "Bearer " + made.GetProperty("token").GetString());
        await CreateAsync(life, start: true);
    }

    /// <summary>It goes with its command.</summary>
    private static Task AutoRemoveAsync(Lifecycle life)
    {
        ContainerSpec spec = new() { Name = life.Box.Name, Command = { "sh", "-c", "sleep 0.05; exit 3" }, AutoRemove = true };
        return GoesByItselfAsync(life, spec);
    }

    private static Task EphemeralAsync(Lifecycle life) =>
        GoesByItselfAsync(life, new ContainerSpec { Name = life.Box.Name, Command = { "true" }, Strategy = "ephemeral" });

    private static Task TtlAsync(Lifecycle life) => life.ClockJumps ? CreateAsync(life, start: true) :
        GoesByItselfAsync(life, new ContainerSpec { Name = life.Box.Name, Strategy = "service", Ttl = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(300)) });

    private static async Task GoesByItselfAsync(Lifecycle life, ContainerSpec spec)
    {
        (life.Box.Presence, life.Box.GoesByItself) = (Presence.Unsure, true);
        life.Box.Id = (await life.Call((c, o) => c.CreateContainerAsync(new CreateContainerRequest { Spec = spec, AutoStart = true }, o))).Container.Id;
        life.Made(life.Box.Id);
    }

    /// <summary>With a limit of disk: a file system and a loop device of its own.</summary>
    private static Task OnDiskAsync(Lifecycle life)
    {
        if (!life.Disks)
        {
            return CreateAsync(life, start: true);
        }

        ContainerSpec spec = Spec(life.Box);
        spec.Resources.DiskBytes = 24 << 20;
        return CreateAsync(life, start: true, spec);
    }

    /// <summary>Nothing comes to be.</summary>
    private static async Task RefusedAsync(Lifecycle life)
    {
        await Lifecycle.Refused("not_found", () => Create(new ContainerSpec { Name = life.Box.Name, Image = "no/such:image" }), "an image that is not there");
        await Lifecycle.Refused("command_not_found", () => Create(new ContainerSpec { Name = life.Box.Name, Command = { "/no/such/program" } }), "a program that is not there");
        await Lifecycle.Refused("invalid_argument", () => Create(new ContainerSpec { Name = "no name!" }), "a name that is none");
        await CreateAsync(life, start: true);
        await Lifecycle.Refused("already_exists", () => Create(new ContainerSpec { Name = life.Box.Name }), "a name that is taken");

        async Task Create(ContainerSpec spec) => await life.Call((c, o) => c.CreateContainerAsync(new CreateContainerRequest { Spec = spec, AutoStart = true }, o));
    }
}
