// Docker Compose as a program of its own, for machines where no package has it: `go install` refuses its
// module, which has exclude directives.
package main

import (
	"github.com/docker/cli/cli-plugins/metadata"
	"github.com/docker/cli/cli-plugins/plugin"
	"github.com/docker/cli/cli/command"
	commands "github.com/docker/compose/v2/cmd/compose"
	"github.com/docker/compose/v2/pkg/compose"
	"github.com/spf13/cobra"
)

func main() {
	plugin.Run(func(cli command.Cli) *cobra.Command {
		service := compose.NewComposeService(cli)
		return commands.RootCommand(cli, service.(commands.Backend))
	}, metadata.Metadata{SchemaVersion: "0.1.0", Vendor: "kafka2ipfix", Version: "v2.39.4"})
}
