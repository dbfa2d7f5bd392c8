namespace Facto.Import.Life;

/// <summary>
/// What was asked for does not go together, or one path of several does not read it; the command line answers with its usage code.
/// </summary>
internal sealed class OptionException(string message) : FactoException(message);
