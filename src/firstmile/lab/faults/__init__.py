"""The faults, one a file, found by `firstmile.lab.fault.find_faults`."""
