using './network.bicep'

param location = 'eastus2'
param vnetPrefix = '10.20.0.0/16'
param nodePrefix = '10.20.0.0/22'
