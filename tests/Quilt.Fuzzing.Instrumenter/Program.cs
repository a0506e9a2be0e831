using SharpFuzz;

// Makes the assemblies of a folder count the edges that are taken in them: instrumenter FOLDER NAME...
// All of them in one process: each place gets a number of its own, and every process would begin with the same ones.
foreach (string path in args.Skip(1).Select(name => Path.Combine(args[0], name + ".dll")).Where(File.Exists))
{
    Fuzzer.Instrument(path, _ => true, Options.Value);
}
