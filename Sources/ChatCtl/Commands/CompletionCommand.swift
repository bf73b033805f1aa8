import ArgumentParser

struct CompletionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion",
        abstract: "Print a completion script for a shell.",
        discussion: """
            bash: chatctl completion bash > ~/.local/share/bash-completion/completions/chatctl
            zsh:  chatctl completion zsh > ~/.zfunc/_chatctl     (with ~/.zfunc in fpath)
            fish: chatctl completion fish > ~/.config/fish/completions/chatctl.fish
            """
    )

    enum Shell: String, CaseIterable, ExpressibleByArgument { case bash, zsh, fish }

    @Argument(help: "bash, zsh or fish.")
    var shell: Shell

    // Has no use for them, but they are the flags of every command.
    @OptionGroup var global: GlobalOptions

    func run() {
        let form: CompletionShell =
            switch shell {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        print(ChatCtl.completionScript(for: form))
    }
}
