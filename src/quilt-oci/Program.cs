using Quilt.OciRuntime;

RootOptions root = new();
LifecycleCommands.AddTo(root);
ExecCommand.AddTo(root);
UpdateCommand.AddTo(root);
InfoCommands.AddTo(root);
return root.Command.Parse(VerbatimCommand.Separate(args)).Invoke();
